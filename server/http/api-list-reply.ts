/** The answers of OneLogin's lists, and the links from page to page. */
import type { ListPage, Place } from '../platform/listing.ts'
import { writeCursor } from './api-cursor.ts'
import type { ListModel } from './api-list-model.ts'
import type { ListRequest } from './api-list.ts'
import { successStatus } from './api-wire.ts'
import type { Reply } from './reply.ts'
import type { RequestFacts } from './request.ts'

const cursorOf = (list: ListRequest<string>, direction: 'after' | 'before', place: Place | undefined) =>
  place ? writeCursor(list.digest, { direction, ...place }) : null

/** A resource cut down to what `fields` named. */
function cut(item: Record<string, unknown>, fields: readonly string[] | undefined): Record<string, unknown> {
  if (!fields) return item
  return Object.fromEntries(Object.entries(item).filter(([name]) => fields.includes(name)))
}

/** `data` of a list: SDKs know an empty one as an array that holds an empty array. */
export const listData = <T>(items: readonly T[]): readonly (T | never[])[] =>
  items.length === 0 ? [[]] : items

/** Answers a list of `/api/1`: envelope, cursors, and links that carry the host which the client used. */
export function listReply<C extends string, T>(
  model: ListModel<C>,
  list: ListRequest<C>,
  page: ListPage<T>,
  toItem: (item: T) => Record<string, unknown>,
  request: Pick<RequestFacts, 'ownOrigin'>,
): Reply {
  const before = cursorOf(list, 'before', page.before)
  const after = cursorOf(list, 'after', page.after)
  const link = (name: string, cursor: string | null) =>
    cursor &&
    `${request.ownOrigin()}${model.path}?${new URLSearchParams([...list.asked, [name, cursor]]).toString()}`
  const previous = link('before_cursor', before)
  const next = link('after_cursor', after)
  const pagination = { before_cursor: before, after_cursor: after, previous_link: previous, next_link: next }
  const links = [next && `<${next}>; rel="next"`, previous && `<${previous}>; rel="prev"`]
  const data = listData(page.items.map((item) => cut(toItem(item), list.fields)))
  return {
    json: { status: successStatus(), pagination, data },
    headers: { Link: links.filter((text) => text).join(', ') },
  }
}

/** Answers a list of `/api/2`: a bare array, the cursors in headers. */
export function bareListReply<C extends string, T>(
  list: ListRequest<C>,
  page: ListPage<T>,
  toItem: (item: T) => Record<string, unknown>,
): Reply {
  const header = (direction: 'after' | 'before', place: Place | undefined) => {
    const cursor = cursorOf(list, direction, place)
    return cursor === null ? '' : Buffer.from(`cursor=${cursor}`).toString('base64')
  }
  return {
    json: page.items.map((item) => cut(toItem(item), list.fields)),
    headers: { 'After-Cursor': header('after', page.after), 'Before-Cursor': header('before', page.before) },
  }
}
