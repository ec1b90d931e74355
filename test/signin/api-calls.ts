import type { ApiReply, TestApp } from '../support/app.ts'
import { PASSWORDS, type PersonName } from '../support/people.ts'

export const LOGIN = '/api/1/login/auth'
export const VERIFY = '/api/1/login/verify_factor'

/** The exact words of OneLogin's refusals. */
export const TEXT = {
  invalid: 'Authentication Failed: Invalid user credentials',
  locked: 'User is locked. Access is unauthorized',
  factor: 'Failed authentication with this factor',
  stateToken: 'State token is invalid or expired',
} as const

export const credentials = (login: string, password: string, more: object = {}) => ({
  username_or_email: login,
  password,
  subdomain: 'acme',
  ...more,
})

/** Sends somebody's right password, whatever comes of it. What the answer holds is known to the sink. */
export async function signIn(
  app: TestApp,
  who: PersonName,
  more: { token?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<ApiReply> {
  const token = more.token ?? (await app.token())
  return learned(app, await app.post(LOGIN, credentials(who, PASSWORDS[who], more.body), token, more.headers))
}

/** What was handed out in an answer is a secret from now on. */
export function learned(app: TestApp, reply: ApiReply): ApiReply {
  const item = reply.json?.data?.[0] ?? reply.json ?? {}
  for (const name of ['session_token', 'state_token'])
    if (typeof item[name] === 'string') app.sink.learn(item[name])
  return reply
}

/** An attempt that waits for the second factor. */
export async function begin(
  app: TestApp,
  who: PersonName,
  more: Parameters<typeof signIn>[2] = {},
): Promise<string> {
  const { json } = await signIn(app, who, more)
  return json.data[0].state_token as string
}

export interface Answer {
  device: number | string
  state: string
  code?: string
  more?: object
  token?: string
}

/** Answers a factor; without a code it asks for one to be sent. */
export async function answer(app: TestApp, { device, state, code, more, token }: Answer): Promise<ApiReply> {
  const body = {
    device_id: device,
    state_token: state,
    ...(code !== undefined && { otp_token: code }),
    ...more,
  }
  return learned(app, await app.post(VERIFY, body, token ?? (await app.token())))
}

/** A six-digit code that this person's authenticator app shows in none of the periods that are accepted. */
export function wrongCode(app: TestApp, who: Parameters<TestApp['totp']>[0], nth = 0): string {
  const near = [-2, -1, 0, 1, 2].map((step) => app.totp(who, step))
  const wrong = Array.from({ length: 20 }, (_, i) => String(314159 + 7 * i)).filter(
    (code) => !near.includes(code),
  )
  return wrong[nth]!
}

export const refusal = (code: number, type: string, message: unknown) => ({
  status: { error: true, code, type, message },
})
export const unauthorized = (message: string) => refusal(401, 'Unauthorized', message)
export const badRequest = (message: unknown) => refusal(400, 'bad request', message)

/** Sends the same many times at once, on connections that are open already: else they come one after another. */
export async function race<T>(app: TestApp, times: number, send: () => Promise<T>): Promise<T[]> {
  const all = <R>(one: () => Promise<R>) => Promise.all(Array.from({ length: times }, one))
  await all(() => app.call('GET', '/healthz'))
  return all(send)
}
