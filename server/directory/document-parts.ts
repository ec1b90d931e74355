import { DocumentError, jsonPath } from './document-faults.ts'
import { jsonFault, lineAndColumn } from './document-json.ts'

/** A piece of a document that is small enough to look at: a value of its own, the begin of a list, or one entry of it. */
export type Part =
  | { key: string; is: 'value'; value: unknown }
  | { key: string; is: 'list' }
  | { key: string; is: 'entry'; index: number; value: unknown }

export type Chunks = AsyncIterable<string> | Iterable<string>

const MAX_PART = 16_777_216
const MAX_YAML = 33_554_432
const MAX_SYNTAX_FAULTS = 20

const refuse = (message: string, path = '$'): never => {
  throw new DocumentError([{ path, message }])
}

/** The pieces of JSON when it starts with a brace, else of YAML, in their order. @throws DocumentError when it is neither */
export async function* partsOf(chunks: Chunks): AsyncGenerator<Part> {
  const rest = iteratorOf(chunks)
  let start = ''
  while (start.trim() === '') {
    const next = await rest.next()
    if (next.done === true) break
    start += next.value
  }
  if (/^\s*\{/.test(start)) yield* new JsonParts(start, rest).all()
  else yield* objectParts(await fromYaml(start, rest))
}

async function* iteratorOf(chunks: Chunks): AsyncGenerator<string> {
  yield* chunks
}

async function fromYaml(start: string, rest: AsyncIterable<string>): Promise<unknown> {
  const { parseDocument } = await import('yaml')
  let text = start
  for await (const chunk of rest) {
    text += chunk
    if (text.length > MAX_YAML)
      refuse(`must be JSON, not YAML, when it is longer than ${MAX_YAML} characters`)
  }
  const yaml = parseDocument(text, { version: '1.2', merge: false, stringKeys: true })
  const found = [...yaml.errors, ...yaml.warnings].slice(0, MAX_SYNTAX_FAULTS)
  if (found.length > 0) {
    throw new DocumentError(
      found.map((e) => ({
        path: '$',
        message: `must be YAML 1.2: ${e.message.split('\n')[0]!.replace(/:$/, '')}`,
      })),
    )
  }
  try {
    return yaml.toJS({ maxAliasCount: 0 }) as unknown
  } catch {
    return refuse('must not use YAML aliases')
  }
}

function* objectParts(document: unknown): Generator<Part> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    refuse('must be an object with keys')
  }
  for (const [key, value] of Object.entries(document as object) as [string, unknown][]) {
    if (!Array.isArray(value)) yield { key, is: 'value', value }
    else {
      yield { key, is: 'list' }
      for (const [index, entry] of (value as unknown[]).entries())
        yield { key, is: 'entry', index, value: entry }
    }
  }
}

/** What ends a value or begins another inside it. */
const BRACKET = /["{}[\]]/g
const AFTER_SCALAR = /[,\]}\s]/g

/** Takes JSON apart while it comes in: never more of it is held than one piece. */
class JsonParts {
  private text: string
  private readonly rest: AsyncIterator<string>
  /** Where in `text` we are; what is before it is dropped when more is read. */
  private at = 0
  /** Lines that were dropped, and characters of the last of them. */
  private line = 0
  private column = 0

  constructor(start: string, rest: AsyncIterator<string>) {
    this.text = start
    this.rest = rest
  }

  async *all(): AsyncGenerator<Part> {
    await this.sign() // the brace, seen before
    this.at++
    const keys = new Set<string>()
    for (let next = await this.sign(); next !== '}'; next = await this.between('}')) {
      if (next !== '"') this.stop(this.at)
      const text = await this.valueText()
      const key = JSON.parse(text) as string
      if (keys.has(key)) this.stop(this.at - text.length, 'key twice')
      keys.add(key)
      if ((await this.sign()) !== ':') this.stop(this.at)
      this.at++
      if ((await this.sign()) === '[') yield* this.list(key)
      else yield { key, is: 'value', value: await this.value(key) }
    }
    this.at++
    if ((await this.sign()) !== undefined) this.stop(this.at)
  }

  private async *list(key: string): AsyncGenerator<Part> {
    this.at++
    yield { key, is: 'list' }
    let index = 0
    for (let next = await this.sign(); next !== ']'; next = await this.between(']')) {
      yield { key, is: 'entry', index, value: await this.value(key, index++) }
    }
    this.at++
  }

  /** After a member: the sign that ends them, or the first of the next member. */
  private async between(end: '}' | ']'): Promise<string | undefined> {
    const sign = await this.sign()
    if (sign === end) return sign
    if (sign !== ',') this.stop(this.at)
    this.at++
    const next = await this.sign()
    if (next === end) this.stop(this.at)
    return next
  }

  private async value(...path: (string | number)[]): Promise<unknown> {
    return JSON.parse(await this.valueText(path)) as unknown
  }

  /** The next sign that is not white space; `undefined` at the end. */
  private async sign(): Promise<string | undefined> {
    for (;;) {
      while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at++
      if (this.at < this.text.length) return this.text[this.at]
      if (!(await this.more())) return undefined
    }
  }

  /** The text of the value that begins here, checked to be JSON; we stand behind it then. */
  private async valueText(path: (string | number)[] = []): Promise<string> {
    let scanned = 0
    let depth = 0
    let end: number | undefined
    const isScalar = !'"{['.includes(this.text[this.at] ?? '')
    for (;;) {
      if (isScalar) {
        AFTER_SCALAR.lastIndex = this.at + scanned
        end = AFTER_SCALAR.exec(this.text)?.index
        scanned = this.text.length - this.at
      } else {
        ;({ end, depth, scanned } = endOfValue(this.text, this.at, scanned, depth))
      }
      if (end !== undefined || !(await this.more())) break
      if (this.text.length - this.at > MAX_PART)
        refuse(`must be at most ${MAX_PART} characters long`, jsonPath(path))
    }
    const text = this.text.slice(this.at, end ?? this.text.length)
    const fault = jsonFault(text)
    if (fault) this.stop(this.at + fault.at, fault.what)
    this.at += text.length
    return text
  }

  private async more(): Promise<boolean> {
    const next = await this.rest.next()
    if (next.done === true) return false
    const dropped = this.text.slice(0, this.at)
    for (let i = dropped.indexOf('\n'); i >= 0; i = dropped.indexOf('\n', i + 1)) this.line++
    this.column =
      dropped.length - (dropped.lastIndexOf('\n') + 1) + (dropped.includes('\n') ? 0 : this.column)
    this.text = this.text.slice(this.at) + next.value
    this.at = 0
    return true
  }

  /** The parser's own message would quote the document, and with it perhaps a password. */
  private stop(at: number, what: 'syntax' | 'key twice' = 'syntax'): never {
    const where = lineAndColumn(this.text, at, { line: this.line, column: this.column })
    return refuse(
      what === 'syntax'
        ? `must be JSON, as it starts with a brace; it stops being that at ${where}`
        : `must not name a key twice, as at ${where}`,
    )
  }
}

/** Goes on from `scanned` characters behind `start`; `end` is missing when the text ends first. */
function endOfValue(text: string, start: number, scanned: number, open: number) {
  let depth = open
  for (let at = start + scanned; ;) {
    BRACKET.lastIndex = at
    const found = BRACKET.exec(text)
    if (!found) return { end: undefined, depth, scanned: text.length - start }
    at = found.index + 1
    if (found[0] === '"') {
      const close = endOfString(text, at)
      if (close === undefined) return { end: undefined, depth, scanned: found.index - start }
      at = close
    } else depth += found[0] === '{' || found[0] === '[' ? 1 : -1
    if (depth <= 0) return { end: at, depth, scanned: at - start }
  }
}

/** Behind the quote that closes the string whose first character is at `from`. */
function endOfString(text: string, from: number): number | undefined {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (at - 1 - slashes >= from && text[at - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return at + 1
  }
  return undefined
}
