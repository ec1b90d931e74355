import { readFileSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'

/** What the rules of the house look at: the sources as facts, and which folders there are. */
export interface House {
  /** TypeScript of server/, cli/ and test/, by path. */
  files: Map<string, Source>
  /** Every folder of server/, cli/, views/ and test/, by path. */
  folders: string[]
}

export interface Source {
  path: string
  imports: Import[]
  /** Things that stand in the code: `process.env`, `new Date()`, `Date.now`, `any`, `enum`, … */
  signs: Set<string>
  lines: number
}

export interface Import {
  /** A path in the house, e.g. `server/errors.ts`, or the name of a package. */
  from: string
  /** As it is written. */
  text: string
  names: string[]
  /** Gone after compilation. */
  typeOnly: boolean
  /** By `import()`: read when it is reached. */
  later: boolean
}

/** A house made of texts by path; a path that ends in `/` is a folder. */
export function houseOf(texts: Record<string, string>): House {
  const paths = Object.keys(texts)
  const sources = paths.filter((path) => path.endsWith('.ts')).map((path) => factsOf(path, texts[path]!))
  const folders = new Set(paths.flatMap((path) => parents(path)))
  return { files: new Map(sources.map((source) => [source.path, source])), folders: [...folders] }
}

/** The house as it stands. */
export function houseOnDisk(root: string): House {
  const texts: Record<string, string> = {}
  for (const top of ['server', 'cli', 'views', 'test']) {
    for (const entry of readdirSync(join(root, top), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      const name = posix.relative(root, path)
      if (entry.isDirectory()) texts[`${name}/`] = ''
      else texts[name] = name.endsWith('.ts') ? readFileSync(path, 'utf8') : ''
    }
  }
  return houseOf(texts)
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}

function factsOf(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const source: Source = { path, imports: [], signs: new Set(), lines: text.split('\n').length - 1 }
  const visit = (node: ts.Node): void => {
    const found = importOf(node, path)
    if (found) source.imports.push(found)
    for (const sign of signsOf(node, tree)) source.signs.add(sign)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return source
}

function importOf(node: ts.Node, path: string): Import | undefined {
  if (ts.isImportDeclaration(node)) {
    const names = namesIn(node.importClause)
    return named(
      node.moduleSpecifier,
      path,
      names,
      node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
    )
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier)
    return named(node.moduleSpecifier, path, [], node.isTypeOnly)
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return named(node.arguments[0], path, [], false, true)
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return named(node.argument.literal, path, [], true)
  return undefined
}

function named(
  specifier: ts.Node | undefined,
  path: string,
  names: string[],
  typeOnly: boolean,
  later = false,
): Import | undefined {
  if (specifier === undefined || !ts.isStringLiteral(specifier)) return undefined
  const { text } = specifier
  const from = text.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), text)) : text
  return { from, text, names, typeOnly, later }
}

function namesIn(clause: ts.ImportClause | undefined): string[] {
  const bindings = clause?.namedBindings
  if (!bindings || !ts.isNamedImports(bindings)) return []
  return bindings.elements.map((element) => (element.propertyName ?? element.name).text)
}

function signsOf(node: ts.Node, tree: ts.SourceFile): string[] {
  if (ts.isPropertyAccessExpression(node))
    return [node.getText(tree).replace(/\s|\?(?=\.)|^globalThis\./g, '')]
  if (ts.isElementAccessExpression(node) && ts.isStringLiteral(node.argumentExpression)) {
    return [`${node.expression.getText(tree)}.${node.argumentExpression.text}`]
  }
  if (ts.isNewExpression(node) && (node.arguments ?? []).length === 0)
    return [`new ${node.expression.getText(tree)}()`]
  if (ts.isVariableDeclaration(node)) return variableSigns(node, tree)
  if (node.kind === ts.SyntaxKind.AnyKeyword) return ['any']
  if (ts.isEnumDeclaration(node)) return ['enum']
  if (ts.isExportAssignment(node) || isDefault(node)) return ['export default']
  return []
}

/** `const { env } = process` reads the environment too; a `let` outside every function is state that all share. */
function variableSigns(node: ts.VariableDeclaration, tree: ts.SourceFile): string[] {
  const signs: string[] = []
  if (ts.isObjectBindingPattern(node.name) && node.initializer && ts.isIdentifier(node.initializer)) {
    const whole = node.initializer.text
    signs.push(
      ...node.name.elements.map((part) => `${whole}.${(part.propertyName ?? part.name).getText(tree)}`),
    )
  }
  if (!(node.parent.flags & ts.NodeFlags.Const) && node.parent.parent.parent === tree)
    signs.push('let in a module')
  return signs
}

const isDefault = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
