import type { CssNode, Declaration, Rule } from 'css-tree'

/** What is wrong with a brand's own CSS, by the line it stands in. */
export interface StyleFault {
  line: number
  message: string
}

/** The parts of a page that a brand may dress, as simple selectors. */
const PARTS = new Set([
  ...[
    'body',
    'main',
    'header',
    'footer',
    'h1',
    'h2',
    'p',
    'a',
    'label',
    'input',
    'button',
    'img',
    'ul',
    'li',
    'strong',
  ],
  ...[
    '.gate',
    '.home',
    '.panel',
    '.panel-view',
    '.slogan',
    '.motif',
    '.stage',
    '.card',
    '.logo',
    '.wordmark',
    '.monogram',
  ],
  ...[
    '.lead',
    '.hint',
    '.field',
    '.entry',
    '.button',
    '.button-quiet',
    '.button-small',
    '.aside',
    '.box',
    '.foot',
  ],
  ...[
    '.hero',
    '.tiles',
    '.tile',
    '.tile-icon',
    '.tile-text',
    '.bar',
    '.person',
    '.avatar',
    '.choice',
    '.empty',
  ],
  ...[
    ':hover',
    ':focus',
    ':focus-visible',
    ':active',
    ':first-child',
    ':last-child',
    '::before',
    '::after',
    '::placeholder',
  ],
])

/**
 * What may change: colours, type, borders, room inside. Nothing that takes a field off its place, lays something over
 * it, hides what a person has to read, or fetches from elsewhere.
 */
const PROPERTIES =
  /^(color|accent-color|background(-color|-clip)?|border(-(block|inline|top|right|bottom|left)(-(start|end))?)?(-(color|style|width))?|border(-(start|end|top|bottom)-(start|end|left|right))?-radius|box-shadow|font(-(family|size|style|weight|stretch|variant|variant-numeric|feature-settings))?|letter-spacing|line-height|text-(align|decoration(-(color|line|style|thickness))?|transform|underline-offset|wrap)|padding(-(block|inline|top|right|bottom|left)(-(start|end))?)?|gap|max-width|fill|stroke|outline(-(color|style|width|offset))?)$/
const MEDIA = /^\(prefers-color-scheme:(dark|light)\)$|^\((min|max)-width:[\d.]+(px|rem|em)\)$/
const FUNCTIONS =
  /^(rgba?|hsla?|oklch|oklab|color-mix|var|calc|min|max|clamp|linear-gradient|radial-gradient|light-dark)$/

const lineOf = (node: CssNode): number => node.loc?.start.line ?? 1

/** Everything in `css` that a brand may not do. css-tree is large, so it is loaded with the first brand that has CSS. */
export async function styleFaults(css: string): Promise<StyleFault[]> {
  const { parse, walk, generate } = await import('css-tree')
  const faults: StyleFault[] = []
  const refuse = (node: CssNode, message: string) => void faults.push({ line: lineOf(node), message })
  const tree = parse(css, {
    positions: true,
    onParseError: ({ message, line }: Error & { line?: number }) => faults.push({ line: line ?? 1, message }),
  })
  const checkSelector = (rule: Rule) =>
    walk(rule.prelude, (node) => {
      const name =
        node.type === 'ClassSelector'
          ? `.${node.name}`
          : node.type === 'PseudoClassSelector'
            ? `:${node.name}`
            : node.type === 'PseudoElementSelector'
              ? `::${node.name}`
              : node.type === 'TypeSelector'
                ? node.name
                : undefined
      const hasArguments = 'children' in node && node.type.startsWith('Pseudo') && node.children !== null
      if (name !== undefined && (!PARTS.has(name) || hasArguments))
        refuse(node, `${name} is no part of a page that CSS may dress`)
      if (['AttributeSelector', 'IdSelector', 'NestingSelector', 'Percentage'].includes(node.type))
        refuse(node, `${generate(node)} may not be selected`)
    })
  const checkDeclaration = (node: Declaration) => {
    if (!PROPERTIES.test(node.property)) return refuse(node, `${node.property} may not be set`)
    walk(node.value, (value) => {
      if (value.type === 'Url') refuse(value, 'url() is not allowed')
      if (value.type === 'Raw') refuse(value, `${node.property} could not be read`)
      if (value.type === 'Function' && !FUNCTIONS.test(value.name))
        refuse(value, `${value.name}() is not allowed`)
      if (value.type === 'Identifier' && value.name === 'transparent' && /^(color|font)/.test(node.property))
        refuse(value, 'text may not be transparent')
    })
  }
  walk(tree, (node) => {
    if (node.type === 'Rule') checkSelector(node)
    else if (node.type === 'Declaration') checkDeclaration(node)
    else if (node.type === 'Raw') refuse(node, 'this could not be read')
    else if (node.type === 'Atrule') {
      const query = node.prelude === null ? '' : generate(node.prelude).replaceAll(' ', '')
      if (node.name !== 'media') refuse(node, `@${node.name} is not allowed`)
      else if (!MEDIA.test(query))
        refuse(node, '@media may ask for prefers-color-scheme, min-width or max-width only')
    }
  })
  return faults
}
