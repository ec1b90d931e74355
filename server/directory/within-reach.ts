import type { ListQuery } from '../platform/listing.ts'
import type { AppStore } from './app-store.ts'
import { idsAmong, type Reach } from './privileges.ts'

/** A query that asks for no more than these ids. None of them is 0, so that no list of them is empty. */
function among<C extends string>(query: ListQuery<C | 'id'>, ids: readonly number[]): ListQuery<C | 'id'> {
  const named = { column: 'id', not: false, test: { is: 'oneOf', values: [...ids, 0] } } as const
  return { ...query, where: [...query.where, named] }
}

/** A query for rows by their ids, cut down to what a reach covers. */
export const rowsWithin = <C extends string>(
  reach: Reach,
  query: ListQuery<C | 'id'>,
): ListQuery<C | 'id'> => (reach === 'everything' ? query : among(query, idsAmong(reach.ids)))

/** The same for apps, which belong to roles, too. */
export async function appsWithin<C extends string>(
  { apps }: { apps: Pick<AppStore, 'listForRoles'> },
  reach: Reach,
  query: ListQuery<C | 'id'>,
): Promise<ListQuery<C | 'id'>> {
  if (reach === 'everything') return query
  const ofRoles = await apps.listForRoles([...reach.roleIds])
  return among(query, [...idsAmong(reach.ids), ...ofRoles.map(({ id }) => id)])
}
