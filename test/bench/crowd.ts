import { loadConfig } from '../../server/config.ts'
import { openDirectory } from '../../server/context.ts'
import { importDocument } from '../../server/directory/import-document.ts'
import { CLIENT } from './company.ts'
import { MASTER_KEY } from './processes.ts'

/** Nobody signs in with it. */
const NOBODYS = `$2b$10$${'a'.repeat(53)}`

/** A directory document of so many people, piece by piece, and one credential that may read them. */
export function* crowd(people: number): Generator<string> {
  yield '{"roles":[{"id":1,"name":"Staff"}],"users":['
  for (let i = 1; i <= people; i++) {
    const person = {
      id: i,
      email: `person${i}@bench.test`,
      username: `person${i}`,
      firstname: 'Person',
      lastname: String(i),
      status: 1,
      roles: [1],
      password_hash: NOBODYS,
    }
    yield `${i > 1 ? ',' : ''}${JSON.stringify(person)}\n`
  }
  const credential = { name: 'bench', client_id: CLIENT.id, client_secret: CLIENT.secret, scope: 'Read All' }
  yield `],"api_credentials":[${JSON.stringify(credential)}]}`
}

export async function fillDirectory(
  data: string,
  env: Record<string, string>,
  people: number,
): Promise<void> {
  const directory = await openDirectory(loadConfig({ DATA_DIR: data, MASTER_KEY, ...env }))
  await importDocument(directory, crowd(people))
  await directory.db.destroy()
}
