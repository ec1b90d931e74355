import type account from '../../views/locales/en/account.json'
import type broker from '../../views/locales/en/broker.json'
import type codes from '../../views/locales/en/codes.json'
import type common from '../../views/locales/en/common.json'
import type error from '../../views/locales/en/error.json'
import type factors from '../../views/locales/en/factors.json'
import type password from '../../views/locales/en/password.json'
import type saml from '../../views/locales/en/saml.json'
import type signin from '../../views/locales/en/signin.json'

/** The texts of each room as English has them: a key that is not here does not compile. */
export interface Rooms {
  account: typeof account
  broker: typeof broker
  codes: typeof codes
  common: typeof common
  error: typeof error
  factors: typeof factors
  password: typeof password
  saml: typeof saml
  signin: typeof signin
}

/** The forms of a text that depends on a number; which of them there are is each language's matter. */
type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other'
type WithoutForm<Key extends string> = Key extends `${infer Base}_${PluralForm}` ? Base : Key

type Leaves<Node> = {
  [Key in keyof Node & string]: Node[Key] extends string ? WithoutForm<Key> : `${Key}.${Leaves<Node[Key]>}`
}[keyof Node & string]

type Groups<Node> = {
  [Key in keyof Node & string]: Node[Key] extends string ? never : Key | `${Key}.${Groups<Node[Key]>}`
}[keyof Node & string]

type At<Node, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof Node
    ? At<Node[Head], Rest>
    : never
  : Path extends keyof Node
    ? Node[Path]
    : never

/** A text: `room:path.to.the.text`, without a plural form. */
export type TextKey = { [Room in keyof Rooms]: `${Room}:${Leaves<Rooms[Room]>}` }[keyof Rooms]

/** A group of texts that a template reads as they are. */
export type WordsKey = { [Room in keyof Rooms]: `${Room}:${Groups<Rooms[Room]>}` }[keyof Rooms]

/** The texts of a group by their names. */
export type Words<Key extends WordsKey> = Key extends `${infer Room extends keyof Rooms}:${infer Path}`
  ? At<Rooms[Room], Path>
  : never
