import type { Request, Response } from 'express'
import type { User } from '../directory/user.ts'
import { DAY, SECOND } from '../platform/clock.ts'
import { keyedDigest } from '../platform/master-key.ts'
import type { Random } from '../platform/random.ts'
import { cookieName } from './browser-session.ts'

/** Who signed in here, as far as their browser's cookie goes: a new password makes every browser a stranger again. */
export type BrowserOwner = Pick<User, 'id' | 'passwordChangedAt'>

interface KnownBrowserDeps {
  random: Random
  cookieKey: Buffer
  secure: boolean
}

/** In which browsers a person has signed in before. */
export interface KnownBrowsers {
  /** This browser's name if the person has signed in in it with the password they have, else `undefined`. */
  nameFor(req: Request, user: BrowserOwner): string | undefined
  /** The person has signed in in this browser. */
  remember(req: Request, res: Response, user: BrowserOwner): void
}

const LIFE_SECONDS = (400 * DAY) / SECOND // the longest that browsers keep a cookie
/** People who share a browser, the last one first. */
const MOST = 8
const MARK_LENGTH = 22

/**
 * A cookie with a random name for the browser and one mark a person, each a keyed digest: it tells nobody who signed in,
 * and a mark that is moved to another browser, person or password is worth nothing. It opens nothing by itself.
 */
export function knownBrowsers({ random, cookieKey, secure }: KnownBrowserDeps): KnownBrowsers {
  const cookie = cookieName('doorward_known', secure)
  const sent = new RegExp(`(?:^|;\\s*)${cookie}=([\\w-]{22})((?:~[\\w-]{${MARK_LENGTH}}){1,${MOST}})(?:;|$)`)
  const read = (req: Request): [name: string | undefined, marks: string[]] => {
    const [, name, marks = ''] = sent.exec(req.headers.cookie ?? '') ?? []
    return [name, marks.split('~').slice(1)]
  }
  const markOf = (name: string, { id, passwordChangedAt }: BrowserOwner) =>
    keyedDigest(cookieKey, cookie, name, String(id), String(passwordChangedAt ?? 0)).slice(0, MARK_LENGTH)
  return {
    nameFor(req, user) {
      const [name, marks] = read(req)
      return name !== undefined && marks.includes(markOf(name, user)) ? name : undefined
    },
    remember(req, res, user) {
      const [known, marks] = read(req)
      const name = known ?? random.bytes(16).toString('base64url')
      const mark = markOf(name, user)
      const kept = [mark, ...marks.filter((one) => one !== mark)].slice(0, MOST)
      res.append(
        'Set-Cookie',
        `${cookie}=${[name, ...kept].join('~')}; Path=/; Max-Age=${LIFE_SECONDS}; HttpOnly${secure ? '; Secure' : ''}; SameSite=Lax`,
      )
    },
  }
}
