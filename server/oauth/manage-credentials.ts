/** API credentials as an operator looks after them. */
import type { Origin } from '../events/event-store.ts'
import {
  apiCredentialCreated,
  apiCredentialDeleted,
  apiCredentialDisabled,
  apiCredentialEnabled,
} from '../events/events.ts'
import { sha256 } from '../platform/master-key.ts'
import { hexToken, type Random } from '../platform/random.ts'
import type { Stores, Transact } from '../stores.ts'
import { SCOPES, type Scope } from './scope.ts'

interface CredentialDeps {
  random: Random
  transact: Transact
}

/** Why a credential is not made or changed, for the operator to read. */
export class CredentialRefused extends Error {
  override readonly name = 'CredentialRefused'
}

/** A credential with its secret in clear, this once. */
export interface NewCredential {
  id: number
  clientId: string
  clientSecret: string
}

const MAX_NAME = 255

function scopeOf(text: string): Scope {
  const scope = SCOPES.find((one) => one.toLowerCase() === text.trim().toLowerCase())
  if (!scope) throw new CredentialRefused(`The scope must be one of: ${SCOPES.join(', ')}.`)
  return scope
}

async function ownerOf({ users }: Stores, login: string | undefined): Promise<number | null> {
  if (login === undefined) return null
  const owner = await users.findByLogin(login)
  if (!owner) throw new CredentialRefused(`Nobody signs in as ${login}.`)
  return owner.id
}

/** Makes a credential; with an owner it may do no more than their privileges allow. */
export async function createCredential(
  d: CredentialDeps,
  wish: { name: string; scope: string; owner?: string | undefined },
  origin: Origin,
): Promise<NewCredential> {
  const name = wish.name.trim()
  if (name === '' || name.length > MAX_NAME)
    throw new CredentialRefused(`The name must have 1 to ${MAX_NAME} characters.`)
  const scope = scopeOf(wish.scope)
  const [clientId, clientSecret] = [hexToken(d.random, 32), hexToken(d.random, 32)]
  return d.transact(async (stores) => {
    const { credentials, events } = stores
    const ownerUserId = await ownerOf(stores, wish.owner)
    if ((await credentials.list()).some((other) => other.name === name))
      throw new CredentialRefused(`There is an API credential called ${name} already.`)
    await credentials.create({ name, clientId, clientSecretHash: sha256(clientSecret), scope, enabled: true })
    if (ownerUserId !== null) await credentials.setOwner(clientId, ownerUserId)
    await events.append(apiCredentialCreated(origin, name))
    const { id } = (await credentials.findByClientId(clientId))!
    return { id, clientId, clientSecret }
  })
}

async function named({ credentials }: Stores, id: number): Promise<string> {
  const found = (await credentials.list()).find((one) => one.id === id)
  if (!found) throw new CredentialRefused(`There is no API credential with the id ${id}.`)
  return found.name
}

/** Lets a credential in or shuts it out. Either way its tokens end: none of before a pause works after it. */
export const setCredentialEnabled = (
  d: CredentialDeps,
  id: number,
  enabled: boolean,
  origin: Origin,
): Promise<string> =>
  d.transact(async (stores) => {
    const name = await named(stores, id)
    await stores.credentials.setEnabled(id, enabled)
    await stores.tokens.revokeAll(id)
    await stores.events.append((enabled ? apiCredentialEnabled : apiCredentialDisabled)(origin, name))
    return name
  })

/** Takes a credential away, with its tokens. */
export const deleteCredential = (d: CredentialDeps, id: number, origin: Origin): Promise<string> =>
  d.transact(async (stores) => {
    const name = await named(stores, id)
    await stores.credentials.remove(id)
    await stores.events.append(apiCredentialDeleted(origin, name))
    return name
  })
