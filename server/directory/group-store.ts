import type { ListPage, ListQuery } from '../platform/listing.ts'

/** Whom a set of rules is for; a person is in one group at most. */
export interface Group {
  id: number
  name: string
  reference: string | null
}

export interface GroupStore {
  list(query: ListQuery<'id' | 'name'>): Promise<ListPage<Group>>
  find(id: number): Promise<Group | undefined>
}
