import type { Response } from 'express'
import type { BrowserSession } from './browser-session.ts'
import type { BrowserOwner } from './known-browser.ts'

/** What a handler answers; `http/` turns it into a response. */
export type Reply = Body & {
  headers?: Record<string, string>
  /** Signs the browser in (with a new session id) or out. Who has proved their password here is its `owner`. */
  session?: { start: BrowserSession; owner?: BrowserOwner } | 'end'
  /** Something that this browser keeps and no script reads. */
  cookie?: { name: string; value: string; days: number }
  /** What nobody waits for, e.g. a letter: done when the answer is out, so that its time tells nothing. */
  after?: () => Promise<unknown>
}

type Body =
  | { json: unknown; status?: number }
  | Page
  | { redirect: string }
  | { body: string; type: string; status?: number }
  | { empty: 204 }

export type Page =
  /** `formAction`: further origins, as CSP writes them, that this page's form may lead to. */
  | { page: string; view: object; status?: number; formAction?: string }
  /** A page that says nothing of one person or one visit but the token in its form; its view-model is kept. */
  | { sharedPage: string; view: object; csrf: string; status?: number }

/** A page as it goes out; as `latin1` each sign stands for one byte of UTF-8. */
export interface Rendered {
  html: string
  encoding: 'utf8' | 'latin1'
}

/** Writes the body of a reply. 303: the browser goes on with GET, and never repeats a form with a password in it. */
export function send(res: Response, reply: Body, render: (page: Page) => Rendered): void {
  if ('redirect' in reply) res.redirect(303, reply.redirect)
  else if ('json' in reply) res.status(reply.status ?? 200).json(reply.json)
  else if ('view' in reply) sendPage(res, reply.status ?? 200, render(reply))
  else if ('body' in reply)
    res
      .status(reply.status ?? 200)
      .type(reply.type)
      .send(reply.body)
  else res.status(reply.empty).end()
}

/** A page as text, which leaves in one write with its headers; Express' `send` makes a buffer of it first. */
function sendPage(res: Response, status: number, { html, encoding }: Rendered): void {
  res.status(status)
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.setHeader('Content-Length', Buffer.byteLength(html, encoding))
  res.end(html, encoding)
}
