/** Signs beside the letters of a word that make it no harder to guess, up to this many. */
const FEW_SIGNS = 8
const SIGNS_FOR_LETTERS: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
}
/** What fingers and children do in a row, forwards. */
const RUNS = [
  'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz',
  '0123456789012345678901234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
]

/** How passwords and words are compared: case and Unicode's look-alikes make no other one. */
export const plainForm = (text: string): string => text.normalize('NFKC').toLowerCase()
/** `p@ssw0rd` as `password`. */
export const lettersForSigns = (text: string): string =>
  text.replace(/[@431!0$57]/g, (sign) => SIGNS_FOR_LETTERS[sign]!)
/** What is left of a password without a word that everybody knows: too little to make it a good one? */
export const isLittle = (rest: string): boolean => rest.replace(/[^\p{L}\p{N}]/gu, '').length < FEW_SIGNS

/**
 * Whether a password is one of the 49,000 that people use most, or is made from one as people do: other case, signs for
 * letters, a year or an exclamation mark around it, or the same again and again. The list belongs to zxcvbn-ts and is
 * loaded when the first password is chosen; a search through it takes less than a millisecond and no second copy.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  const plain = plainForm(password)
  const unit = repeatedUnit(plain)
  if (isRun(plain) || (unit !== plain && (isLittle(unit) || isRun(unit)))) return true
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const common = dictionary['passwords-common']
  const core = coreOf(plain)
  return [plain, unit, core, lettersForSigns(plain), lettersForSigns(core)].some((form) =>
    common.includes(form),
  )
}

/** `abab` is `ab`; what does not repeat is its own unit. */
function repeatedUnit(text: string): string {
  for (let size = 1; size <= text.length / 2; size++) {
    const unit = text.slice(0, size)
    if (text.length % size === 0 && unit.repeat(text.length / size) === text) return unit
  }
  return text
}

const reversed = (text: string): string => Array.from(text).reverse().join('')
const isRun = (text: string): boolean =>
  text !== '' && RUNS.some((run) => run.includes(text) || run.includes(reversed(text)))

/** `dragon` of `!dragon2026`, when what stands around it is little. */
function coreOf(text: string): string {
  const core = /\p{L}.*\p{L}/su.exec(text)?.[0]
  return core !== undefined && isLittle(text.replace(core, '')) ? core : text
}
