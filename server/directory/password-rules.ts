import { isStorable } from '../http/api-input.ts'
import { passwordFits } from '../platform/password-hash.ts'
import type { AccountStore } from './account-store.ts'
import { isCommonPassword, isLittle, lettersForSigns, plainForm } from './common-passwords.ts'
import type { User } from './user.ts'

/** What is wrong with a password that somebody chooses. */
export type PasswordFault = 'too_short' | 'too_long' | 'not_typeable' | 'common' | 'about_you'

/** What a new password is held against. */
export interface PasswordRules {
  minLength: number
  /** Names of the person and the company: who guesses begins with these. */
  about: readonly string[]
}

const PRODUCT = 'Doorward'
/** Shorter ones stand in other words by chance. */
const SHORTEST_WORD = 3

type Names = Pick<User, 'firstname' | 'lastname' | 'email' | 'username'>

/** The rules for this person, or for people whom nobody knows yet. */
export async function passwordRules(
  { account }: { account: Pick<AccountStore, 'account' | 'brands'> },
  { firstname, lastname, email, username }: Names,
): Promise<PasswordRules> {
  const [{ name, subdomain, policy }, brands] = [await account.account(), await account.brands()]
  const titles = brands.map(({ title }) => title)
  return {
    minLength: policy.password_min_length,
    about: [name, subdomain, ...titles, firstname, lastname, email, username],
  }
}

/**
 * NIST SP 800-63B section 3.1.1.2: long enough, not known to everybody, not made of the person's or the company's
 * names. No rule says which kinds of characters it must have. Counts characters, not bytes.
 */
export async function passwordFault(
  password: string,
  { minLength, about }: PasswordRules,
): Promise<PasswordFault | undefined> {
  if (!isStorable(password)) return 'not_typeable'
  if (!passwordFits(password)) return 'too_long'
  if (Array.from(password.normalize('NFC')).length < minLength) return 'too_short'
  if (await isCommonPassword(password)) return 'common'
  return (await isAbout(password, [PRODUCT, ...about])) ? 'about_you' : undefined
}

const wordsIn = (texts: readonly string[]): string[] =>
  [...new Set(texts.flatMap((text) => plainForm(text).split(/[^\p{L}\p{N}]+/u)))]
    .filter((word) => word.length >= SHORTEST_WORD)
    .sort((a, b) => b.length - a.length)

async function isAbout(password: string, about: readonly string[]): Promise<boolean> {
  const words = wordsIn(about)
  const plain = plainForm(password)
  for (const form of new Set([plain, lettersForSigns(plain)])) {
    const rest = words.reduce((text, word) => text.replaceAll(word, ' '), form)
    if (rest !== form && (isLittle(rest) || (await isCommonPassword(rest.trim())))) return true
  }
  return false
}
