/** Knows the secrets of a test and finds them in what the product has written. */
export interface SecretsSink {
  /** Remembers a secret. Shorter than six characters it would be found everywhere. */
  learn(secret: string): void
  /** Fails when a known secret stands in the text, plain or encoded. Never prints the secret or its line. */
  expectNone(lines: string | readonly string[]): void
}

const SHORTEST = 6

export function secretsSink(): SecretsSink {
  const known = new Map<string, string>()
  let learned = 0
  return {
    learn(secret) {
      if (secret.length < SHORTEST)
        throw new Error(`a secret of ${secret.length} characters cannot be told from other text`)
      learned++
      for (const [form, text] of formsOf(secret))
        known.set(text, known.get(text) ?? `secret ${learned}, ${form}`)
    },
    expectNone(lines) {
      const found = (typeof lines === 'string' ? lines.split('\n') : lines).flatMap((line, i) => {
        const lower = line.toLowerCase()
        const here = [...known].filter(([text]) =>
          isCode(text) ? stands(text, line) : line.includes(text) || (isHex(text) && lower.includes(text)),
        )
        return here.map(([, what]) => `${what}, in line ${i + 1}`)
      })
      if (found.length > 0) throw new Error(`secrets were written:\n${[...new Set(found)].join('\n')}`)
    },
  }
}

const isCode = (text: string): boolean => /^\d{6,8}$/.test(text)
/** As a number of its own: among thousands of lines a few digits stand in some id or time by chance. */
const stands = (code: string, line: string): boolean =>
  new RegExp(`(?<![0-9a-z])${code}(?![0-9a-z])`, 'i').test(line)

const isHex = (text: string): boolean => /^[0-9a-f]+$/.test(text)

/** The shapes in which a secret leaves by accident. */
function formsOf(secret: string): [form: string, text: string][] {
  const bytes = Buffer.from(secret)
  return [
    ['plain', secret],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['URL-encoded', encodeURIComponent(secret)],
    ['form-encoded', new URLSearchParams([['', secret]]).toString().slice(1)],
    ['HTML-escaped', secret.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)],
    ['hex', bytes.toString('hex')],
    ...[0, 1, 2].flatMap((shift): [string, string][] => [
      ['base64', inBase64(bytes, shift, 'base64')],
      ['base64url', inBase64(bytes, shift, 'base64url')],
    ]),
  ]
}

/** The part of its base64 that is the same wherever in a longer text it begins: `shift` bytes after a group of three. */
function inBase64(bytes: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString(encoding)
    .replace(/=+$/, '')
  const whole = (shift + bytes.length) % 3 === 0 ? text.length : text.length - 1
  return text.slice(Math.ceil((shift * 8) / 6), whole)
}
