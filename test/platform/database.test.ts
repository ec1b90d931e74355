import { expect, test } from 'vitest'
import { startApp } from '../support/app.ts'
import { freshDatabaseUrl } from '../support/postgres.ts'
import { PASSWORDS } from '../support/people.ts'

test('PostgreSQL holds the directory that SQLite holds', async () => {
  const app = await startApp({ env: { DATABASE_URL: await freshDatabaseUrl() } })
  const credentials = { username_or_email: 'bob', password: PASSWORDS.bob, subdomain: 'acme' }
  const reply = await app.post('/api/1/login/auth', credentials, await app.token())
  expect(reply.json.data[0].status).toBe('Authenticated')
  for (let i = 0; i < 6; i++)
    await app.post('/api/1/login/auth', { ...credentials, password: 'wrong' }, await app.token())
  const locked = await app.post('/api/1/login/auth', credentials, await app.token())
  expect(locked.json.status.message).toBe('User is locked. Access is unauthorized')
  await app.advance(31 * 60)
  const again = await app.post('/api/1/login/auth', credentials, await app.token())
  expect(again.json.data[0].status).toBe('Authenticated')
  await app.ctx.db.insertInto('roles').values({ name: 'one more' }).execute() // no id that was given is handed out again
  await app.close()
})
