import { describe, expect, test } from 'vitest'
import { inEveryWorld } from '../support/app.ts'
import { IDS } from '../support/people.ts'

describe('a changed e-mail address', () => {
  inEveryWorld((app) => {
    const put = async (change: object) =>
      (await app().call('PUT', `/api/1/users/${IDS.gus}`, { token: await app().token(), body: change }))
        .status
    const addressed = async (to: string) =>
      (await app().letters()).filter((text) => text.includes(`To: ${to}`) && text.includes('was changed'))

    test('is told to the old mailbox and the new one, neither of which sees the other in full', async () => {
      expect(await put({ email: 'gus.new@acme.test' })).toBe(200)
      for (const mailbox of ['gus@acme.test', 'gus.new@acme.test'])
        await expect.poll(() => addressed(mailbox)).toHaveLength(1)
      expect((await addressed('gus.new@acme.test'))[0]).not.toContain('gus@acme.test')
    })

    test('that stays the same, or is refused, is told to nobody', async () => {
      const before = (await app().letters()).length
      expect(await put({ email: 'gus.new@acme.test', firstname: 'August' })).toBe(200)
      expect(await put({ email: 'ada@acme.test' })).toBe(422)
      await app().ctx.post.settled()
      expect((await app().letters()).length).toBe(before)
    })
  })
})
