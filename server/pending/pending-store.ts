/** What a pending record is about. Each kind is a key space of its own: an id of one kind never opens another. */
export type PendingKind =
  | 'attempt'
  | 'browser_session'
  | 'sessions_of_person'
  | 'session_seen'
  | 'not_me_link'
  | 'session_token'
  | 'cors_origin'
  | 'email_code'
  | 'phone_code'
  | 'mail_link'
  | 'mail_link_answer'
  | 'factor_challenge'
  | 'failed_password'
  | 'locked_login'
  | 'failed_factor'
  | 'failed_address'
  | 'address_throttled'
  | 'failed_overall'
  | 'admitted'
  | 'failed_in_browser'
  | 'locks'
  | 'reset_request'
  | 'sent_code'
  | 'rate_limit'
  | 'wrong_secret'
  | 'setup'
  | 'push_request'
  | 'push_asked'
  | 'push_denied'
  | 'webauthn_challenge'
  | 'passkey_used'
  | 'broker_code'
  | 'broker_code_used'
  | 'dpop_proof'
  | 'device_code'
  | 'user_code'
  | 'user_code_tries'

/** How often something was counted, and how long until the count starts again. */
export interface Count {
  count: number
  resetSeconds: number
}

/**
 * Short-lived state between two requests. Losing it signs people out and loses nothing else.
 *
 * Ids are secrets (a state token, a session id), so an adapter keeps only their SHA-256.
 * Every method throws `Problem('unavailable')` when the engine does not answer: no answer is never "not there".
 */
export interface PendingStore {
  /** Keeps `value` for `ttlSeconds`, replacing what was there. */
  put(kind: PendingKind, id: string, value: string, ttlSeconds: number): Promise<void>
  /** Keeps `value` only where nothing is kept: of racing calls exactly one gets true. */
  putNew(kind: PendingKind, id: string, value: string, ttlSeconds: number): Promise<boolean>
  /** Reads without consuming. `undefined` when absent or expired. */
  peek(kind: PendingKind, id: string): Promise<string | undefined>
  /** Reads and deletes in one step: of any number of racing calls exactly one gets the value. */
  take(kind: PendingKind, id: string): Promise<string | undefined>
  /** Replaces `old` by `next` only if `old` is still what is kept; the time left stays. Tells whether it did. */
  swap(kind: PendingKind, id: string, old: string, next: string): Promise<boolean>
  /** Sets the time left of what is there. */
  touch(kind: PendingKind, id: string, ttlSeconds: number): Promise<void>
  /** Adds one and tells the new count. The window of `windowSeconds` starts with the first call and does not move. */
  count(kind: PendingKind, id: string, windowSeconds: number): Promise<Count>
  /** Takes one back from a count that is there and above 0: the try was a good one. */
  uncount(kind: PendingKind, id: string): Promise<void>
  /** The count as it stands, without adding: 0 when there is none. */
  counted(kind: PendingKind, id: string): Promise<number>
  /** Adds `member` to a set, which lives for `ttlSeconds` from now, or longer where it would have. */
  enlist(kind: PendingKind, id: string, member: string, ttlSeconds: number): Promise<void>
  /** The members of a set in no order; none when there is no set. */
  listed(kind: PendingKind, id: string): Promise<string[]>
  /** Takes a member out of a set. Of racing calls exactly one gets true. */
  delist(kind: PendingKind, id: string, member: string): Promise<boolean>
  /** Forgets a record, a count or a set. */
  drop(kind: PendingKind, id: string): Promise<void>
  /** Resolves when the engine answers, throws `Problem('unavailable')` when it does not. */
  ping(): Promise<void>
  close(): Promise<void>
}
