import type { DirectoryDocument } from '../../server/directory/document.ts'
import { company } from './people.ts'

const FIRSTNAMES = ['Ann', 'Ben', 'Cleo', 'Dan', 'Eva']
const LASTNAMES = ['Adams', 'Brown', 'Clark', 'Davis', 'Evans', 'Frank', 'Green']

/** The company with `count` more people, ids from 1001; every third has a role, every fifth no e-mail. */
export function crowd(count: number): DirectoryDocument {
  const more = Array.from({ length: count }, (_, i) => ({
    id: 1001 + i,
    ...(i % 5 !== 0 && { email: `Person.${i}@Crowd.test` }),
    username: `person-${i}`,
    firstname: FIRSTNAMES[i % 5]!,
    lastname: LASTNAMES[i % 7]!,
    external_id: `ext-${i % 10}`,
    ...(i % 2 === 0 && { directory_id: 5, manager_ad_id: '77', samaccountname: `sam-${i}` }),
    userprincipalname: `upn-${i % 4}`,
    ...(i % 4 === 0 && { group_id: 1 }),
    ...(i % 3 === 0 && { last_login: new Date(Date.UTC(2029, 0, 1 + (i % 6))).toISOString() }),
    created_at: new Date(Date.UTC(2029, 5, 1 + (i % 28))).toISOString(),
    roles: i % 3 === 0 ? [12, 10] : [],
  }))
  const document = company()
  return { ...document, users: [...(document.users ?? []), ...more] }
}
