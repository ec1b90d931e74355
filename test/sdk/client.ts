import { raw } from '../http/raw-request.ts'
import type { TestApp } from '../support/app.ts'
import { CLIENTS, type ScopeName } from '../support/people.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  json: any
  text: string
}

/** A program that builds its requests by itself, header by header, byte by byte. */
export interface Client {
  send(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Answer>
}

export const clientOf = (app: () => TestApp): Client => ({
  async send(method, path, headers = {}, body) {
    const answer = await raw(app(), { method, path, headers, ...(body !== undefined && { body }) })
    const isJson = String(answer.headers['content-type']).startsWith('application/json')
    const json = isJson ? JSON.parse(answer.text) : undefined
    for (const secret of secretsIn(json)) app().sink.learn(secret)
    return { ...answer, json }
  },
})

const SECRETS = ['access_token', 'refresh_token', 'session_token', 'state_token']
function secretsIn(json: any): string[] {
  const item = Array.isArray(json?.data) ? json.data[0] : json
  return SECRETS.flatMap((name) => (typeof item?.[name] === 'string' ? [item[name]] : []))
}

export const JSON_BODY = { 'Content-Type': 'application/json' }
export const GRANT = '{"grant_type":"client_credentials"}'
export const basic = (scope: ScopeName = 'Manage All'): string => {
  const { id, secret } = CLIENTS[scope]
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}
/** `client_id:<id>, client_secret:<secret>` with these pieces between. */
export const pair = (between = ', ', colon = ':', scope: ScopeName = 'Manage All'): string =>
  `client_id${colon}${CLIENTS[scope].id}${between}client_secret${colon}${CLIENTS[scope].secret}`
