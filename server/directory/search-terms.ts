import type { Row } from '../platform/database/schema.ts'
import { loginKey } from './user.ts'

/** All that a person's search terms depend on. */
export type Searchable = Pick<Row<'users'>, 'firstname' | 'lastname'> & {
  emailKey?: string | null | undefined
  usernameKey?: string | null | undefined
}

/**
 * What a person is found by, from its beginning: e-mail, username, full name, last name. One that another begins with
 * is left out: who finds the longer one has found the shorter.
 */
export function searchTerms({ emailKey, usernameKey, firstname, lastname }: Searchable): string[] {
  const names = [`${firstname} ${lastname}`, lastname].map(loginKey)
  const all = [emailKey ?? '', usernameKey ?? '', ...names]
  return [...new Set(all)].filter(
    (term) => term !== '' && !all.some((other) => other !== term && other.startsWith(term)),
  )
}
