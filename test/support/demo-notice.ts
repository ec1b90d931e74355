import { Secret, TOTP } from 'otpauth'

/** What the terminal shows at a first start, read as a person would. */
export interface Notice {
  people: Record<string, { password: string; totp?: string }>
  clientId: string
  clientSecret: string
  /** The two shell commands. */
  commands: string
}

export function readNotice(output: string): Notice {
  const people = [
    ...output.matchAll(/^ {2}(\S+@\S+)\n {4}password {2}(\S+)\n.*\n(?: {4}secret {4}(\S+)\n)?/gm),
  ].map(
    ([, email = '', password = '', totp]) =>
      [email, { password, ...(totp !== undefined && { totp }) }] as const,
  )
  return {
    people: Object.fromEntries(people),
    clientId: /client_id {6}(\S+)/.exec(output)?.[1] ?? '',
    clientSecret: /client_secret {2}(\S+)/.exec(output)?.[1] ?? '',
    commands: /^TOKEN=[\s\S]*?^curl [\s\S]*?' *$/m.exec(output)?.[0] ?? '',
  }
}

/** What an authenticator app shows for this secret now. */
export const codeNow = (secret: string): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate()
