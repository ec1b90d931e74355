import { DEVICES, IDS } from '../support/people.ts'

/** What we believe about people, sign-ins and what was handed out: the oracle of the random walk. */
export const PEOPLE = ['ada', 'bob', 'cy', 'dee'] as const
export type Person = (typeof PEOPLE)[number]
export type Door = 'portal' | 'api_login' | 'saml_assertion'

export const MAX_WRONG_PASSWORDS = 2
const LOCK_MS = 30 * 60_000
const DAY_MS = 24 * 3_600_000
const WRONG_CODES = 5
const ATTEMPT_MS: Record<Door, number> = { portal: 600_000, api_login: 120_000, saml_assertion: 120_000 }
const SESSION_TOKEN_MS = 120_000
const SESSION_MS = 10 * 3600_000
const CODE_MS = 600_000
const STEP_MS = 30_000

export const DEVICES_OF: Record<Person, { id: number; kind: 'totp' | 'email' }[]> = {
  ada: [{ id: DEVICES.adaTotp, kind: 'totp' }],
  bob: [],
  cy: [
    { id: DEVICES.cyTotp, kind: 'totp' },
    { id: DEVICES.cyEmail, kind: 'email' },
  ],
  dee: [{ id: DEVICES.deeEmail, kind: 'email' }],
}
const APPS_OF: Record<Person, number[]> = { ada: [500], bob: [500, 501], cy: [501], dee: [501] }
export const mayOpen = (who: Person, app: number): boolean => APPS_OF[who].includes(app)
export const idOf = (who: Person): number => IDS[who]

interface PersonFacts {
  suspended: boolean
  epoch: number
  failures: number
  lockedUntil: number
  /** Within a day from the first; each lasts twice as long as the one before. */
  locks: number
  firstLock: number
}

/** Where a sign-in began and who holds it: only from there may it go on. */
export interface Place {
  door: Door
  holder: string
  app: number | undefined
}

export interface Attempt extends Place {
  id: string
  who: Person
  /** Whether it began in a browser that knows its person. */
  known: boolean
  epoch: number
  passwordAt: number
  wrongCodes: number
  /** `perhaps`: a request that may or may not have ended it. */
  alive: boolean | 'perhaps'
  /** The newest code that was mailed, by authenticator. */
  mailed: Map<number, { code: string; at: number }>
}

interface SessionToken {
  token: string
  who: Person
  epoch: number
  passwordAt: number
  issuedAt: number
  used: boolean
}

export interface Session {
  who: Person
  epoch: number
  endsAt: number
}

export type Verdict = 'in' | 'out' | 'perhaps'

export class Model {
  readonly people = Object.fromEntries(
    PEOPLE.map((who) => [
      who,
      { suspended: false, epoch: 0, failures: 0, lockedUntil: 0, locks: 0, firstLock: 0 },
    ]),
  ) as Record<Person, PersonFacts>
  readonly attempts: Attempt[] = []
  readonly sessionTokens: SessionToken[] = []
  readonly sessions = new Map<number, Session>()
  /** Who is known in which browser, and what they did wrong there. */
  readonly #known = new Map<string, { failures: number; since: number }>()
  readonly #lastStep = new Map<number, number>()
  readonly #now: () => number

  constructor(now: () => number, epochs: Record<Person, number>) {
    this.#now = now
    for (const who of PEOPLE) this.people[who].epoch = epochs[who]
  }

  isLocked(who: Person): boolean {
    return this.people[who].lockedUntil > this.#now()
  }

  know(browser: number, who: Person): void {
    if (!this.isKnown(browser, who)) this.#known.set(`${browser} ${who}`, { failures: 0, since: 0 })
  }

  isKnown(browser: number | undefined, who: Person): boolean {
    return this.#known.has(`${browser} ${who}`)
  }

  /** In a browser that knows its person nobody else's guesses count, and those made there lock nobody elsewhere. */
  #passesInKnown(browser: number, who: Person, isRight: boolean): boolean {
    const own = this.#known.get(`${browser} ${who}`)!
    if (own.failures === 0 || this.#now() >= own.since + LOCK_MS)
      Object.assign(own, { failures: 0, since: this.#now() })
    own.failures++
    const passes = isRight && own.failures <= MAX_WRONG_PASSWORDS
    if (passes) own.failures = 0
    return passes
  }

  #passes(who: Person, isRight: boolean): boolean {
    const facts = this.people[who]
    if (this.isLocked(who)) return false
    if (!isRight) {
      facts.failures++
      if (facts.failures >= MAX_WRONG_PASSWORDS) this.#lock(facts)
      return false
    }
    if (facts.lockedUntil > 0) Object.assign(facts, { lockedUntil: 0, locks: 0 })
    facts.failures = 0
    return true
  }

  #lock(facts: PersonFacts): void {
    if (facts.locks === 0 || this.#now() >= facts.firstLock + DAY_MS)
      Object.assign(facts, { locks: 0, firstLock: this.#now() })
    facts.locks++
    const lasts = Math.min(DAY_MS, LOCK_MS * 2 ** (facts.locks - 1))
    Object.assign(facts, { failures: 0, lockedUntil: this.#now() + lasts })
  }

  /** A password was tried. What must come of it: nothing, a factor to prove, or all. */
  password(who: Person, isRight: boolean, browser?: number): 'refused' | 'factor' | 'done' {
    const facts = this.people[who]
    const passes =
      browser !== undefined && this.isKnown(browser, who)
        ? this.#passesInKnown(browser, who, isRight)
        : this.#passes(who, isRight)
    if (!passes) return 'refused'
    if (facts.suspended) return 'refused'
    return DEVICES_OF[who].length > 0 ? 'factor' : 'done'
  }

  begun(id: string, who: Person, place: Place, known: boolean): void {
    const { epoch } = this.people[who]
    const mailed: Attempt['mailed'] = new Map()
    this.attempts.push({
      ...place,
      id,
      who,
      known,
      epoch,
      passwordAt: this.#now(),
      wrongCodes: 0,
      alive: true,
      mailed,
    })
  }

  /** Whoever holds an attempt may go on with it; whoever does not ends it. */
  claim(attempt: Attempt, place: Place): boolean | 'perhaps' {
    const facts = this.people[attempt.who]
    const over = this.#now() >= attempt.passwordAt + ATTEMPT_MS[attempt.door]
    if (attempt.alive === false || over) return (attempt.alive = false)
    const rightful = attempt.door === place.door && attempt.holder === place.holder
    const locked = this.isLocked(attempt.who) && !attempt.known
    const allowed = !facts.suspended && !locked && facts.epoch === attempt.epoch
    if (!rightful || !allowed) return (attempt.alive = false)
    return attempt.app === place.app ? attempt.alive : false
  }

  /** Whether this code proves the factor; it is used up if so. */
  #proves(attempt: Attempt, device: number, code: string, step: number | undefined): boolean {
    const kind = DEVICES_OF[attempt.who].find(({ id }) => id === device)?.kind
    if (kind === 'totp') {
      if (step === undefined || step <= (this.#lastStep.get(device) ?? -1)) return false
      this.#lastStep.set(device, step)
      return true
    }
    const mailed = attempt.mailed.get(device)
    if (mailed?.code !== code || this.#now() >= mailed.at + CODE_MS) return false
    return attempt.mailed.delete(device)
  }

  /** A code was sent to an attempt. `step`: the period of the TOTP code, when it is one that is right now. */
  answer(attempt: Attempt, place: Place, device: number, code: string, step: number | undefined): Verdict {
    const claimed = this.claim(attempt, place)
    if (claimed === false) return 'out'
    if (!DEVICES_OF[attempt.who].some(({ id }) => id === device)) {
      attempt.alive = false
      return 'out'
    }
    if (attempt.wrongCodes < WRONG_CODES && this.#proves(attempt, device, code, step)) {
      attempt.alive = false
      return claimed === 'perhaps' ? 'perhaps' : 'in'
    }
    attempt.wrongCodes++
    if (attempt.wrongCodes >= WRONG_CODES) attempt.alive = false
    return 'out'
  }

  /** The period of a TOTP code that is right at this moment. */
  step(): number {
    return Math.floor(this.#now() / STEP_MS)
  }

  issued(token: string, who: Person, passwordAt: number): void {
    const { epoch } = this.people[who]
    this.sessionTokens.push({ token, who, epoch, passwordAt, issuedAt: this.#now(), used: false })
  }

  /** A session token was sent. Whose session it becomes, if anybody's. */
  redeem(token: string): Session | undefined {
    const found = this.sessionTokens.find((one) => one.token === token)
    if (!found || found.used || this.#now() >= found.issuedAt + SESSION_TOKEN_MS) return undefined
    const session = { who: found.who, epoch: found.epoch, endsAt: found.passwordAt + SESSION_MS }
    if (!this.isValid(session)) return undefined
    found.used = true
    return session
  }

  sessionFor(who: Person, passwordAt: number): Session {
    return { who, epoch: this.people[who].epoch, endsAt: passwordAt + SESSION_MS }
  }

  isValid(session: Session | undefined): boolean {
    if (!session) return false
    const { suspended, epoch } = this.people[session.who]
    return !suspended && epoch === session.epoch && this.#now() < session.endsAt
  }
}
