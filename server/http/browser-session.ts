import type { Request, RequestHandler } from 'express'
import session, { Store, type SessionData } from 'express-session'
import type { PendingStore } from '../pending/pending-store.ts'
import { HOUR, type Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { sessionKey, type BrowserSession, type BrowserSessionList } from '../signin/browser-sessions.ts'

export type { BrowserSession } from '../signin/browser-sessions.ts'

declare module 'express-session' {
  interface SessionData {
    person: BrowserSession
    /** Set once it is kept: from then on it is only changed, so that one that was ended stays ended. */
    kept?: true
  }
}

interface SessionDeps {
  pending: PendingStore
  sessionList: BrowserSessionList
  clock: Clock
  random: Random
  cookieKey: Buffer
  secure: boolean
}

type Done = (error?: unknown) => void

/** Two tabs may change a session at once; a third time nobody does. */
const CHANGES = 3

/** express-session's records in the pending store, which keeps only digests of session ids. */
class PendingSessionStore extends Store {
  readonly #d: Pick<SessionDeps, 'pending' | 'sessionList'>

  constructor(d: Pick<SessionDeps, 'pending' | 'sessionList'>) {
    super()
    this.#d = d
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#d.pending.peek('browser_session', sessionKey(id)).then(
      (value) => done(null, value === undefined ? null : (JSON.parse(value) as SessionData)),
      (error: unknown) => done(error),
    )
  }

  override set(id: string, data: SessionData, done: Done = () => undefined): void {
    this.#keep(sessionKey(id), data).then(() => done(), done)
  }

  async #keep(key: string, data: SessionData): Promise<void> {
    const { person, kept } = data as Partial<SessionData>
    if (!person) return
    if (!kept) return this.#d.sessionList.begin(key, person, JSON.stringify({ ...data, kept: true }))
    for (let i = 0; i < CHANGES; i++) {
      const now = await this.#d.pending.peek('browser_session', key)
      if (now === undefined) return
      if (await this.#d.pending.swap('browser_session', key, now, JSON.stringify(data))) return
    }
  }

  override destroy(id: string, done: Done = () => undefined): void {
    this.#d.pending.drop('browser_session', sessionKey(id)).then(() => done(), done)
  }
  // No `touch`: a session's end does not move, and a page view writes nothing.
}

/** A `__Host-` cookie can be set by this host only, over HTTPS only; on http://localhost it needs a plain name. */
export const cookieName = (name: string, secure: boolean): string => (secure ? `__Host-${name}` : name)

/** Reads and keeps browser sessions. Nothing is written, and no cookie set, before somebody signs in. */
export function browserSessions(d: SessionDeps): RequestHandler {
  const name = cookieName('doorward', d.secure)
  const sessions = session({
    name,
    secret: d.cookieKey.toString('base64url'),
    store: new PendingSessionStore(d),
    genid: () => d.random.bytes(32).toString('base64url'),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: d.secure, path: '/' },
  })
  // To look at a page begins no session: making one up that is thrown away again took a fifth of the page's time.
  const onlyLooks = (req: Request) =>
    ['GET', 'HEAD'].includes(req.method) && !req.headers.cookie?.includes(`${name}=`)
  return (req, res, next) => {
    if (onlyLooks(req)) return next()
    sessions(req, res, (error?: unknown) => {
      const person = personIn(req)
      if (error !== undefined || !person) return next(error)
      d.sessionList.noteUse(sessionKey(req.sessionID), person).then(() => next(), next)
    })
  }
}

/** Who is signed in by this request; a page view without our cookie has no session at all. */
export const personIn = (req: Request): BrowserSession | undefined =>
  (req.session as Request['session'] | undefined)?.person

/** A browser session that ends `hours` after the password was right. */
export const newBrowserSession = (
  session: Omit<BrowserSession, 'endsAt'>,
  hours: number,
): BrowserSession => ({ ...session, endsAt: session.authTime + hours * HOUR })
