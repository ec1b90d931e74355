import { authenticatorPlace } from '../factors/authenticator-store.ts'
import { DOCUMENT_KINDS, FACTORS } from '../factors/factor-kind.ts'
import type { Row } from '../platform/database/schema.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { Faults } from './document-faults.ts'
import { differing, grouped } from './document-lists.ts'
import { ownerInDatabase } from './document-match.ts'
import type { DirectoryWriter, NewAuthenticator, StoredFactor, UserLogin } from './document-store.ts'
import type { GivenFactor, GivenUser } from './document-user.ts'

/** For each given factor the enrolled one it changes: by id, without one by type and label. */
function matchFactors<E extends Pick<StoredFactor, 'id' | 'factor' | 'label'>>(
  given: readonly GivenFactor[],
  enrolled: readonly E[],
): (E | undefined)[] {
  const named = new Set(given.map((factor) => factor.id))
  const free = new Set(enrolled.filter((row) => !named.has(row.id)))
  return given.map((factor) => {
    if (factor.id !== undefined) return enrolled.find((row) => row.id === factor.id)
    const match = [...free].find(
      (row) => row.factor === factor.type && (factor.label === undefined || factor.label === row.label),
    )
    if (match) free.delete(match)
    return match
  })
}

/** Refuses factors of somebody else, of another type, without the secret they need, or with one default too many. */
export function checkFactors(
  people: readonly { path: string; given: GivenUser; existing?: UserLogin | undefined }[],
  enrolled: readonly StoredFactor[],
  faults: Faults,
): void {
  const byId = new Map(enrolled.map((row) => [row.id, row]))
  const byUser = grouped(enrolled, (row) => row.userId)
  for (const { path, given, existing } of people) {
    if (given.factors === undefined) continue
    if (given.factors.filter((factor) => factor.default).length > 1) {
      faults.push({ path: `${path}.factors`, message: 'must not have more than one default' })
    }
    const matches = matchFactors(given.factors, existing ? (byUser.get(existing.id) ?? []) : [])
    given.factors.forEach((factor, i) => {
      const at = `${path}.factors[${i}]`
      const owner = byId.get(factor.id ?? 0)?.userId
      if (owner !== undefined && owner !== existing?.id) {
        const message = `is also the id of a factor of ${ownerInDatabase('user', owner)}`
        faults.push({ path: `${at}.id`, message })
      }
      checkFactor(factor, matches[i], at, faults)
    })
  }
}

function checkFactor(
  given: GivenFactor,
  match: Pick<StoredFactor, 'factor'> | undefined,
  path: string,
  faults: Faults,
): void {
  if (match && match.factor !== given.type) {
    faults.push({ path: `${path}.type`, message: `must be ${match.factor}, as it is in the database` })
    return
  }
  for (const [key, types] of KEPT_BY) {
    const [isGiven, isKept] = [given[key] !== undefined, types.includes(given.type)]
    if (isGiven && !isKept)
      faults.push({ path: `${path}.${key}`, message: `cannot be given: the type is ${given.type}` })
    if (!isGiven && isKept && !match) faults.push({ path: `${path}.${key}`, message: 'is missing' })
  }
}

/** What a factor of a type keeps, by its key in a document. */
const KEPT_BY: [key: 'secret' | 'passkey' | 'number', types: GivenFactor['type'][]][] = [
  ['secret', ['totp']],
  ['passkey', ['webauthn']],
  ['number', ['sms', 'voice']],
]

/** The same as an authenticator keeps it. */
const keptOf = ({ secret, passkey, number }: GivenFactor): string | undefined =>
  secret ?? number ?? (passkey && JSON.stringify(passkey))

/** What importing a person's factors did. */
export interface FactorChanges {
  changed: boolean
  /** What proves who the person is has changed, not only its name: sessions must end. */
  secretsChanged: boolean
}

interface Deps {
  rows: DirectoryWriter
  sealer: Sealer
  now: number
}

/** What no document can hold is not missing in one, as long as something is left that it stands in for. */
const staysBeside =
  (given: readonly GivenFactor[]) =>
  ({ factor }: Row<'authenticators'>): boolean =>
    !DOCUMENT_KINDS.some((kind) => kind === factor) &&
    given.some(({ type }) => FACTORS[type].standing === 'full')

/** Makes the given factors the person's only ones, beside what stays with us. */
export async function applyFactors(
  d: Deps,
  userId: number,
  enrolled: readonly Row<'authenticators'>[],
  given: readonly GivenFactor[],
): Promise<FactorChanges> {
  const matches = matchFactors(given, enrolled)
  const hasDefault = given.some((factor) => factor.default)
  const stays = staysBeside(given)
  const removed = enrolled.filter((row) => !matches.includes(row) && !stays(row)).map((row) => row.id)
  await d.rows.removeAuthenticators(removed)
  const result: FactorChanges = { changed: false, secretsChanged: removed.length > 0 }
  const added: GivenFactor[] = []
  for (const [i, factor] of given.entries()) {
    const existing = matches[i]
    if (existing) {
      const patch = changesOf(d.sealer, existing, factor, hasDefault)
      await d.rows.update('authenticators', existing.id, patch)
      result.changed ||= Object.keys(patch).length > 0
      result.secretsChanged ||= patch.sealedSecret !== undefined || patch.active !== undefined
    } else {
      result.secretsChanged = true
      added.push(factor)
    }
  }
  await d.rows.addAuthenticators(
    await newAuthenticators(
      d,
      added.map((factor) => ({ userId, factor })),
    ),
  )
  result.changed ||= result.secretsChanged
  return result
}

/** Rows of new factors: a secret is sealed for its row, so each must have its id first. */
export async function newAuthenticators(
  d: Deps,
  given: readonly { userId: number; factor: GivenFactor }[],
): Promise<NewAuthenticator[]> {
  const free = await d.rows.newIds(
    'authenticators',
    given.filter(({ factor }) => factor.id === undefined).length,
  )
  return given.map(({ userId, factor }) => {
    const id = factor.id ?? free.shift()!
    const kept = keptOf(factor)
    const sealedSecret = kept === undefined ? null : d.sealer.seal(kept, authenticatorPlace(id))
    return {
      id,
      userId,
      factor: factor.type,
      label: factor.label ?? FACTORS[factor.type].label,
      isDefault: factor.default ? 1 : 0,
      createdAt: factor.created_at ?? d.now,
      lastUsedAt: factor.last_used_at ?? null,
      sealedSecret,
    }
  })
}

type FactorPatch = Partial<Row<'authenticators'>>

function changesOf(
  sealer: Sealer,
  row: Row<'authenticators'>,
  given: GivenFactor,
  otherIsDefault: boolean,
): FactorPatch {
  const isDefault = given.default ?? (otherIsDefault ? false : undefined)
  const patch: FactorPatch = differing(row, {
    active: 1, // whoever writes the document vouches for it
    ...(given.label !== undefined && { label: given.label }),
    ...(isDefault !== undefined && { isDefault: isDefault ? 1 : 0 }),
    ...(given.created_at !== undefined && { createdAt: given.created_at }),
    ...(given.last_used_at !== undefined && { lastUsedAt: given.last_used_at }),
  })
  const kept = keptOf(given)
  if (kept !== undefined && kept !== openOrUndefined(sealer, row)) {
    patch.sealedSecret = sealer.seal(kept, authenticatorPlace(row.id))
    patch.lastStep = 0
  }
  return patch
}

/** A secret that no longer opens is as good as none: the import is how to repair it. */
function openOrUndefined(sealer: Sealer, { id, sealedSecret }: Row<'authenticators'>): string | undefined {
  if (sealedSecret === null) return undefined
  try {
    return sealer.open(sealedSecret, authenticatorPlace(id))
  } catch {
    return undefined
  }
}
