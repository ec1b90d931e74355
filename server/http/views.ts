import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import nunjucks from 'nunjucks'

/** Turns a template of `views/` and its view-model into a page. */
export interface Views {
  render(template: string, view: object): string
  /**
   * The same for a page that is alike for many but for its form's token. A view-model that stays the same object is
   * rendered once; the token, of ASCII signs that HTML leaves as they are, is put into that. Gives the page in UTF-8
   * with each byte as one sign (`latin1`), so that it is encoded once and not at each visit.
   */
  renderShared(template: string, view: object, csrf: string): string
}

const TOKEN_PLACE = 'the-token-of-this-form'

const templateNames = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.njk'))
    .map((name) => name.replaceAll('\\', '/'))

type Exported = (error: unknown, macros?: unknown) => void
interface Exporter {
  getExported(done: Exported): void
}

/** Macros are imported without the page's context, so those of a file are the same each time: nunjucks makes them anew. */
function exportOnce(template: Exporter): void {
  const make = template.getExported.bind(template)
  let made: unknown
  template.getExported = (done) => {
    if (made !== undefined) return done(null, made)
    make((error, macros) => {
      made = macros
      done(error, macros)
    })
  }
}

/** Keeps pages as rendered, cut where the token goes, for as long as somebody keeps the view-model. */
function sharing(render: Views['render']): Views['renderShared'] {
  const kept = new WeakMap<object, Map<string, string[]>>()
  return (template, view, csrf) => {
    const ofView = kept.get(view) ?? new Map<string, string[]>()
    const parts = ofView.get(template) ?? cut(render(template, { ...view, csrf: TOKEN_PLACE }))
    kept.set(view, ofView.set(template, parts))
    return parts.reduce((page, part) => page + csrf + part)
  }
}

const cut = (page: string): string[] => Buffer.from(page).toString('latin1').split(TOKEN_PLACE)

/**
 * Reads and compiles every template now, so that a broken one stops the start and a request touches no file.
 * Templates see `view` and `asset(name)`, nothing else; a value that is missing throws instead of printing nothing.
 */
export function createViews({ root, asset }: { root: string; asset: (name: string) => string }): Views {
  const sources = new Map(templateNames(root).map((name) => [name, readFileSync(join(root, name), 'utf8')]))
  const loader = {
    getSource(name: string) {
      const src = sources.get(name)
      if (src === undefined) throw new Error(`no such template: ${name}`)
      return { src, path: name, noCache: false }
    },
  }
  const env = new nunjucks.Environment(loader, { autoescape: true, throwOnUndefined: true })
  env.addGlobal('asset', asset)
  const compiled = new Map([...sources.keys()].map((name) => [name, env.getTemplate(name, true)]))
  for (const template of compiled.values()) exportOnce(template as unknown as Exporter)
  const render: Views['render'] = (template, view) => {
    const found = compiled.get(template)
    if (!found) throw new Error(`no such template: ${template}`)
    return found.render({ view })
  }
  return { render, renderShared: sharing(render) }
}
