import { DOMParser, type Element } from '@xmldom/xmldom'
import { createLegacyKey } from '../../server/legacy/legacy-key.ts'
import { uuid } from '../../server/platform/random.ts'
import type { ApiReply, TestApp } from '../support/app.ts'
import type { ScopeName } from '../support/people.ts'

export const LEGACY = { LEGACY_API: 'on' }
export const ORIGIN = { address: 'test', requestId: 'test' }

export async function legacyKeyOf(
  app: TestApp,
  scope: ScopeName = 'Manage All',
  ownerUserId: number | null = null,
): Promise<string> {
  const name = `test ${uuid(app.ctx.random)}`
  const key = await createLegacyKey(app.ctx, { name, scope, ownerUserId }, ORIGIN)
  app.sink.learn(key!)
  return key!
}

const basic = (key: string) => `Basic ${Buffer.from(`${key}:x`).toString('base64')}`

/** Calls as `curl -u {api_key}:x` does. */
export const legacyCall = (
  app: TestApp,
  key: string,
  method: string,
  path: string,
  body?: string,
): Promise<ApiReply> =>
  app.call(method, path, {
    headers: { authorization: basic(key), ...(body !== undefined && { 'content-type': 'application/xml' }) },
    ...(body !== undefined && { body }),
  })

/** The root of an answer. @throws when it is not well-formed */
export function rootOf({ text }: Pick<ApiReply, 'text'>): Element {
  const onError = (level: string, message: string) => {
    throw new Error(`${level}: ${message}: ${text}`)
  }
  return new DOMParser({ onError }).parseFromString(text, 'text/xml').documentElement!
}

export const childrenOf = (element: Element): Element[] =>
  Array.from(element.childNodes).filter((node): node is Element => node.nodeType === 1)

/** The texts of an element's children by name; `null` where `nil="true"`. */
export const fieldsOf = (element: Element): Record<string, string | null> =>
  Object.fromEntries(
    childrenOf(element).map((child) => [
      child.tagName,
      child.getAttribute('nil') === 'true' ? null : child.textContent,
    ]),
  )

/** Status, title and message of a refusal. */
export const refusalIn = (reply: ApiReply): [number, string | null, string | null] => {
  const { title = null, message = null } = fieldsOf(rootOf(reply))
  return [reply.status, title, message]
}
