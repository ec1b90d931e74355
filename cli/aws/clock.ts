import { clockOffset } from './cache.ts'

const WARN_MS = 60_000
/** Signatures of AWS are refused from here on, and earlier than a person would look. */
const REFUSED_MS = 5 * 60_000

/** What to say of this machine's clock; `undefined` when it is right. */
export function clockWarning(session: string): string | undefined {
  const offset = clockOffset(session)
  const seconds = Math.round(Math.abs(offset) / 1000)
  if (seconds * 1000 <= WARN_MS) return undefined
  const what = `The clock of this machine is ${seconds} s ${offset > 0 ? 'behind' : 'ahead of'} the server's`
  return Math.abs(offset) > REFUSED_MS
    ? `${what}: AWS will refuse its requests (SignatureDoesNotMatch, RequestTimeTooSkewed). Set it right first.`
    : `${what}. Set it right before AWS refuses its requests.`
}
