import type { Request, RequestHandler } from 'express'
import session, { Store, type SessionData } from 'express-session'
import type { PendingStore } from '../pending/pending-store.ts'
import { HOUR, SECOND, type Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'

/** Who is signed in in this browser, and how well that was proved. */
export interface BrowserSession {
  userId: number
  /** The person's session epoch at sign-in: when theirs has gone up, this session is over. */
  epoch: number
  /** RFC 8176 names of what was proved. */
  amr: string[]
  /** The steps of the sign-in that were passed: what apps with stricter rules look at. */
  passed: string[]
  authTime: number
  /** Ends then, whatever happens, ms. */
  endsAt: number
}

declare module 'express-session' {
  interface SessionData {
    person: BrowserSession
  }
}

interface SessionDeps {
  pending: PendingStore
  clock: Clock
  random: Random
  cookieKey: Buffer
  secure: boolean
}

type Done = (error?: unknown) => void

/** express-session's records in the pending store, which keeps only digests of session ids. */
class PendingSessionStore extends Store {
  readonly #pending: PendingStore
  readonly #clock: Clock

  constructor(pending: PendingStore, clock: Clock) {
    super()
    this.#pending = pending
    this.#clock = clock
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#pending.peek('browser_session', id).then(
      (value) => done(null, value === undefined ? null : (JSON.parse(value) as SessionData)),
      (error: unknown) => done(error),
    )
  }

  override set(id: string, data: SessionData, done: Done = () => undefined): void {
    const seconds = Math.ceil(
      ((data.person as BrowserSession | undefined)?.endsAt ?? 0) / SECOND - this.#clock() / SECOND,
    )
    const kept =
      seconds > 0
        ? this.#pending.put('browser_session', id, JSON.stringify(data), seconds)
        : this.#pending.drop('browser_session', id)
    kept.then(() => done(), done)
  }

  override destroy(id: string, done: Done = () => undefined): void {
    this.#pending.drop('browser_session', id).then(() => done(), done)
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
    store: new PendingSessionStore(d.pending, d.clock),
    genid: () => d.random.bytes(32).toString('base64url'),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: d.secure, path: '/' },
  })
  // To look at a page begins no session: making one up that is thrown away again took a fifth of the page's time.
  const onlyLooks = (req: Request) =>
    ['GET', 'HEAD'].includes(req.method) && !req.headers.cookie?.includes(`${name}=`)
  return (req, res, next) => (onlyLooks(req) ? next() : sessions(req, res, next))
}

/** Who is signed in by this request; a page view without our cookie has no session at all. */
export const personIn = (req: Request): BrowserSession | undefined =>
  (req.session as Request['session'] | undefined)?.person

/** A browser session that ends `hours` after the password was right. */
export const newBrowserSession = (
  { userId, epoch, amr, passed, authTime }: Omit<BrowserSession, 'endsAt'>,
  hours: number,
): BrowserSession => ({ userId, epoch, amr, passed, authTime, endsAt: authTime + hours * HOUR })
