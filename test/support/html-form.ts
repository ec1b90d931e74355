import type { Navigation, Page } from './html.ts'

type Elements = ReturnType<Page['$']>

/** A form of a page, to be filled in and sent. */
export interface Form {
  /** Sets fields by name, as a person could: not hidden, disabled or read-only ones. `true` ticks a box. */
  fill(values: Record<string, string | boolean>): Form
  /** Sets a field as no person could, hidden or not there at all; `undefined` takes it away. */
  forge(name: string, value: string | undefined): Form
  /** What would be sent without a button. */
  readonly fields: Record<string, string>
  /** Presses the one button with this text, value or name; without it the first button, as Enter does. */
  submit(button?: string): Promise<Page>
}

type Entry = [name: string, value: string]
type Go = (navigation: Navigation) => Promise<Page>

export function formIn(page: Page, selector: string, go: Go): Form {
  const form = page.$(selector)
  if (form.length !== 1 || !form.is('form')) {
    throw new Error(`${form.length} forms "${selector}" on ${page.url.pathname}: ${page.text.slice(0, 500)}`)
  }
  const controls = controlsOf(page, form)
  const forged = new Map<string, string | undefined>()
  const entries = () => withForged(entriesOf(page, controls), forged)
  const result: Form = {
    fill(values) {
      for (const [name, value] of Object.entries(values)) fillIn(page, controls, name, value)
      return result
    },
    forge(name, value) {
      forged.set(name, value)
      return result
    },
    get fields() {
      return Object.fromEntries(entries())
    },
    async submit(text) {
      const button = buttonIn(page, controls, text)
      return go(navigationOf(page, form, button, [...entries(), ...buttonEntry(button)]))
    },
  }
  return result
}

/** Those inside the form and those that name it by `form="id"`. */
function controlsOf(page: Page, form: Elements): Elements {
  const id = form.attr('id')
  const named = 'input, select, textarea, button'
  const outside = page
    .$(named)
    .filter((_, control) => id !== undefined && page.$(control).attr('form') === id)
  return form.find(named).not('[form]').add(outside)
}

const isDisabled = (control: Elements): boolean =>
  control.is('[disabled]') || control.closest('fieldset[disabled]').length > 0

const typeOf = (control: Elements): string => {
  if (control.is('button')) return control.attr('type')?.toLowerCase() ?? 'submit'
  return control.is('input') ? (control.attr('type')?.toLowerCase() ?? 'text') : ''
}

function fillIn(page: Page, controls: Elements, name: string, value: string | boolean): void {
  const named = controls.filter((_, control) => page.$(control).attr('name') === name)
  const field = named.filter((_, control) => typeOf(page.$(control)) !== 'hidden')
  if (field.length === 0) throw new Error(`no field "${name}" to fill in on ${page.url.pathname}`)
  if (isDisabled(field.first()) || field.is('[readonly]'))
    throw new Error(`the field "${name}" cannot be changed`)
  if (field.is('select')) choose(page, field, name, value)
  else if (['radio', 'checkbox'].includes(typeOf(field.first()))) tick(page, field, name, value)
  else if (typeof value === 'boolean') throw new Error(`the field "${name}" is no box to tick`)
  else if (field.is('textarea')) field.text(value)
  else field.attr('value', value)
}

function choose(page: Page, field: Elements, name: string, value: string | boolean): void {
  const options = field.find('option')
  const chosen = options.filter((_, option) => optionValue(page.$(option)) === value)
  if (chosen.length !== 1) throw new Error(`no choice "${String(value)}" in "${name}"`)
  options.removeAttr('selected')
  chosen.attr('selected', '')
}

function tick(page: Page, field: Elements, name: string, value: string | boolean): void {
  if (typeof value === 'boolean') {
    if (value) field.first().attr('checked', '')
    else field.removeAttr('checked')
    return
  }
  const chosen = field.filter((_, box) => (page.$(box).attr('value') ?? 'on') === value)
  if (chosen.length !== 1) throw new Error(`no choice "${value}" in "${name}"`)
  if (typeOf(field.first()) === 'radio') field.removeAttr('checked')
  chosen.attr('checked', '')
}

const optionValue = (option: Elements): string => option.attr('value') ?? option.text().trim()

/** HTML, 4.10.21.4: what a form sends, without its button. */
function entriesOf(page: Page, controls: Elements): Entry[] {
  return controls.toArray().flatMap((element): Entry[] => {
    const control = page.$(element)
    const name = control.attr('name')
    if (!name || isDisabled(control)) return []
    return valuesOf(page, control).map((value) => [name, value.replace(/\r\n|\r|\n/g, '\r\n')])
  })
}

function valuesOf(page: Page, control: Elements): string[] {
  if (control.is('select')) return selectedIn(page, control)
  if (control.is('textarea')) return [control.text()]
  const type = typeOf(control)
  if (['submit', 'button', 'reset', 'image', 'file'].includes(type)) return []
  if (type === 'radio' || type === 'checkbox')
    return control.is('[checked]') ? [control.attr('value') ?? 'on'] : []
  return [control.attr('value') ?? '']
}

function selectedIn(page: Page, select: Elements): string[] {
  const options = select.find('option').not('[disabled]')
  const chosen = options.filter('[selected]')
  if (select.is('[multiple]')) return chosen.toArray().map((option) => optionValue(page.$(option)))
  const one = chosen.length > 0 ? chosen.last() : options.first()
  return one.length > 0 ? [optionValue(one)] : []
}

function withForged(entries: Entry[], forged: Map<string, string | undefined>): Entry[] {
  const honest = entries.filter(([name]) => !forged.has(name))
  const added = [...forged].filter((entry): entry is Entry => entry[1] !== undefined)
  return [...honest, ...added]
}

function buttonIn(page: Page, controls: Elements, wanted: string | undefined): Elements | undefined {
  const buttons = controls.filter((_, control) => ['submit', 'image'].includes(typeOf(page.$(control))))
  const usable = buttons.filter((_, button) => !isDisabled(page.$(button)))
  if (wanted === undefined) return usable.length > 0 ? usable.first() : undefined
  const fits = (of: (button: Elements) => string | undefined) =>
    usable.filter((_, button) => of(page.$(button))?.replace(/\s+/g, ' ').trim() === wanted)
  const found = [
    fits((button) => button.text()),
    fits((button) => button.attr('value')),
    fits((button) => button.attr('name')),
  ].find((buttons) => buttons.length > 0)
  if (found?.length !== 1)
    throw new Error(`${found?.length ?? 0} buttons "${wanted}" on ${page.url.pathname}`)
  return found
}

function buttonEntry(button: Elements | undefined): Entry[] {
  const name = button?.attr('name')
  return name ? [[name, button?.attr('value') ?? '']] : []
}

function navigationOf(
  page: Page,
  form: Elements,
  button: Elements | undefined,
  entries: Entry[],
): Navigation {
  const said = (name: string) => button?.attr(`form${name}`) ?? form.attr(name)
  const url = new URL(said('action') ?? '', page.url)
  if (said('method')?.toLowerCase() !== 'post') {
    url.search = new URLSearchParams(entries).toString()
    return { url, method: 'GET', from: page }
  }
  if (said('enctype') !== 'multipart/form-data')
    return { url, method: 'POST', body: new URLSearchParams(entries), from: page }
  const body = new FormData()
  for (const [name, value] of entries) body.append(name, value)
  return { url, method: 'POST', body, from: page }
}
