/** Where a request came from, as events and logs tell it. */
export interface Origin {
  /** Address of the client; forwarded addresses only from a trusted proxy. */
  address: string
  requestId: string
  /** `client_id` of the API credential, when a program called. */
  clientId?: string
}

/** What happened, before it has an id. Never holds a password, a code, a token or a samlAssertion. */
export interface EventDraft {
  /** One of OneLogin's event type ids. */
  typeId: number
  origin: Origin
  user?: { id: number; name: string }
  app?: { id: number; name: string }
  role?: { id: number; name: string }
  authenticator?: { id: number; name: string }
  notes?: string
  error?: string
}

/** What happened, append-only. */
export interface EventStore {
  append(draft: EventDraft): Promise<void>
}
