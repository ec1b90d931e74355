/** White space, then one token: a sign, a text, or another plain value (RFC 8259). */
const TOKEN =
  /[\t\n\r ]*(?:([{}[\],:])|("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|$)/y

/** What may come next: `first` and `key` are a key, `item` and `value` a value; `first` and `item` may also be an end. */
type Next = 'value' | 'item' | 'first' | 'key' | 'colon' | 'more' | 'end'

interface Open {
  /** The keys of an object so far; undefined in a list. */
  keys: Set<string> | undefined
}

/** Where JSON stops being JSON, or names a key a second time, which `JSON.parse` would not tell. */
export function jsonFault(text: string): { at: number; what: 'syntax' | 'key twice' } | undefined {
  const token = new RegExp(TOKEN)
  const open: Open[] = []
  let next: Next = 'value'
  const after = (): Next => (open.length === 0 ? 'end' : 'more')
  for (;;) {
    const from = token.lastIndex
    const [whole = '', sign, string, plain] = token.exec(text) ?? [undefined]
    const given = sign ?? string ?? plain
    const at = given === undefined ? behindSpace(text, from) : from + whole.length - given.length
    if (given === undefined) return next === 'end' && at === text.length ? undefined : { at, what: 'syntax' }
    const isValue = next === 'value' || next === 'item'
    if (isValue && (string ?? plain) !== undefined) next = after()
    else if (isValue && sign === '{') next = begin(open, new Set())
    else if (isValue && sign === '[') next = begin(open, undefined)
    else if ((next === 'first' || next === 'key') && string !== undefined) {
      const { keys } = open.at(-1)!
      const key = JSON.parse(string) as string
      if (keys?.has(key)) return { at, what: 'key twice' }
      keys?.add(key)
      next = 'colon'
    } else if (next === 'colon' && sign === ':') next = 'value'
    else if (next === 'more' && sign === ',') next = open.at(-1)!.keys ? 'key' : 'value'
    else if (closes(sign, next, open.at(-1))) {
      open.pop()
      next = after()
    } else return { at, what: 'syntax' }
  }
}

function behindSpace(text: string, from: number): number {
  let at = from
  while (' \t\n\r'.includes(text[at] ?? 'x')) at++
  return at
}

function begin(open: Open[], keys: Open['keys']): Next {
  open.push({ keys })
  return keys ? 'first' : 'item'
}

const closes = (sign: string | undefined, next: Next, innermost: Open | undefined): boolean =>
  innermost !== undefined &&
  (innermost.keys
    ? sign === '}' && (next === 'first' || next === 'more')
    : sign === ']' && (next === 'item' || next === 'more'))

/** `line 3, column 7` of a place in a text, which may itself begin somewhere: lines and characters before it. */
export function lineAndColumn(text: string, at: number, begins = { line: 0, column: 0 }): string {
  const before = text.slice(0, at)
  const line = begins.line + before.split('\n').length
  const column = at - before.lastIndexOf('\n') + (before.includes('\n') ? 0 : begins.column)
  return `line ${line}, column ${column}`
}
