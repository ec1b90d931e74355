import { hash } from '@node-rs/argon2'
import type { DirectoryDocument } from '../../server/directory/document.ts'

/** People of the bench who can sign in; the others fill the directory. */
export const SIGNING_IN = 64
const PEOPLE = 1000

export const CLIENT = { id: 'f'.repeat(40), secret: 'bench2bench4bench6bench8bench0bench2benc' }
export const AWS_APP = 500

export interface Person {
  login: string
  password: string
}

export const people: Person[] = Array.from({ length: SIGNING_IN }, (_, i) => ({
  login: `person${i + 1}@bench.test`,
  password: `plain-lantern-orchard-${i + 1}`,
}))

/** A thousand people, some roles and apps, one credential; limits that one address with a whole load does not reach. */
export async function benchCompany(): Promise<DirectoryDocument> {
  const nobodys = await hash('nobody signs in with this') // Argon2id unless told otherwise
  return {
    account: { subdomain: 'bench', name: 'Bench' },
    policy: { mfa: 'enrolled', max_failures_per_address: 1_000_000 },
    brands: [
      { name: 'bench', default: true, hosts: ['login.bench.test'], title: 'Bench', logo: 'acme.svg' },
      { name: 'other', hosts: ['login.other.test'], title: 'Other' },
    ],
    roles: Array.from({ length: 20 }, (_, i) => ({ id: i + 1, name: `Role ${i + 1}` })),
    apps: [
      {
        id: AWS_APP,
        name: 'AWS',
        connector: 'aws',
        roles: [1],
        aws: {
          roles: [
            {
              role_arn: 'arn:aws:iam::111122223333:role/Dev',
              provider_arn: 'arn:aws:iam::111122223333:saml-provider/Doorward',
              directory_roles: [1],
              session_seconds: 3600,
            },
          ],
        },
      },
    ],
    users: Array.from({ length: PEOPLE }, (_, i) => ({
      id: i + 1,
      email: `person${i + 1}@bench.test`,
      username: `person${i + 1}`,
      firstname: 'Person',
      lastname: String(i + 1),
      status: 1,
      roles: [1, 2 + (i % 19)],
      ...(people[i] ? { password: people[i].password } : { password_hash: nobodys }),
    })),
    api_credentials: [
      { name: 'bench', client_id: CLIENT.id, client_secret: CLIENT.secret, scope: 'Authentication Only' },
    ],
  }
}
