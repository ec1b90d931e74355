import { Problem } from '../errors.ts'

/** A phone number that something may be sent to: E.164, and its country (ISO 3166-1, or the calling code where there is none). */
export interface PhoneNumber {
  e164: string
  country: string
}

/** Numbers that earn somebody money when they are called or written to. */
const COSTLY: ReadonlySet<string> = new Set(['PREMIUM_RATE', 'SHARED_COST'])

const refused = (message: string) => new Problem('invalid_request', { message, fields: { number: message } })

/** Reads what a person or a program gave. @throws Problem `invalid_request`: no number, or none that may be used */
export async function readPhoneNumber(
  given: string,
  countries: readonly string[] | null,
): Promise<PhoneNumber> {
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/max')
  const parsed = parsePhoneNumberFromString(given.trim(), { extract: false })
  if (!parsed?.isValid()) throw refused('number is incorrect; give the whole number with its country code')
  const country = parsed.country ?? `+${parsed.countryCallingCode}`
  if (COSTLY.has(parsed.getType() ?? '')) throw refused('number is one that costs extra')
  if (countries && !countries.includes(country)) throw refused('number is of a country that is not allowed')
  return { e164: parsed.number, country }
}

/** `+491701234567` -> `•••••67`: enough to know which phone, too little to call it. */
export const maskedNumber = (e164: string): string => `•••••${e164.slice(-2)}`
