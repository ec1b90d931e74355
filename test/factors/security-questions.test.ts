import { describe, expect, test } from 'vitest'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import type { Page } from '../support/html.ts'
import { IDS } from '../support/people.ts'
import { attemptOn, CODE_FORM, enterPassword, openLogin, sessionCookie, signIn } from '../signin/portal.ts'

const ANSWERS = { answer_0: 'Frau Möller', answer_3: 'Paper round', answer_7: 'Mr. Tibbles' }

async function choosing(app: TestApp): Promise<Page> {
  await app.ctx.db.deleteFrom('authenticators').where('userId', '=', IDS.bob).execute()
  await app.advance(3700)
  const browser = app.browser()
  await signIn(app, 'bob', browser)
  const offers = await browser.tab().open(`${app.url}/account/factors/new`)
  return offers.form(CODE_FORM).submit('security_questions')
}
const answer = (page: Page, answers: Record<string, string>): Promise<Page> =>
  page.form(CODE_FORM).fill(answers).submit('Continue')

async function asked(app: TestApp): Promise<Page> {
  await app.advance(3700)
  const page = await enterPassword(await openLogin(app), 'bob')
  app.sink.learn(attemptOn(page))
  return page
}
async function withQuestions(app: TestApp): Promise<void> {
  expect((await answer(await choosing(app), ANSWERS)).text).toContain('Second factor added')
}

describe('security questions', () => {
  inEveryWorld(
    (app) => {
      test('ask for the three that were answered, and take every way to write them', async () => {
        await withQuestions(app())
        const page = await asked(app())
        expect(
          page
            .$('input[name^=answer_]')
            .map((_, input) => page.$(input).attr('name'))
            .get(),
        ).toEqual(Object.keys(ANSWERS))
        const there = await answer(page, {
          answer_0: ' frau  möller',
          answer_3: 'PAPER-ROUND',
          answer_7: 'mr tibbles',
        })
        expect(there.url.pathname).toBe('/')
      })

      test.each<[string, Record<string, string>]>([
        ['one wrong answer', { ...ANSWERS, answer_3: 'milk round' }],
        ['one missing answer', { answer_0: ANSWERS.answer_0, answer_3: ANSWERS.answer_3 }],
        ['two answers changed about', { ...ANSWERS, answer_0: ANSWERS.answer_3, answer_3: ANSWERS.answer_0 }],
      ])('let nobody in for %s', async (_what, answers) => {
        await withQuestions(app())
        const page = await asked(app())
        const wrong = await answer(page, answers)
        expect([wrong.status, sessionCookie(app(), app().browser())]).toEqual([401, undefined])
      })

      test.each<[string, Record<string, string>]>([
        ['two answers', { answer_0: 'Frau Möller', answer_3: 'Paper round' }],
        ['four answers', { ...ANSWERS, answer_1: 'Mill Lane' }],
        ['an answer of two signs', { ...ANSWERS, answer_3: 'a.b' }],
        ['two answers that are alike', { ...ANSWERS, answer_3: 'frau moeller', answer_0: 'Frau Moeller' }],
        ['the person’s own name', { ...ANSWERS, answer_7: 'BOB' }],
      ])('are not set up with %s', async (_what, answers) => {
        expect((await answer(await choosing(app()), answers)).status).toBe(401)
        expect(await app().ctx.authenticators.listForUser(IDS.bob)).toEqual([])
      })

      test('are asked of nobody who has anything stronger', async () => {
        await withQuestions(app())
        const draft = {
          userId: IDS.bob,
          factor: 'email',
          label: 'E-mail',
          active: true,
          createdAt: 0,
        } as const
        await app().ctx.authenticators.add(draft, () => null)
        const page = await asked(app())
        expect([
          page.text.includes('Get a code by e-mail'),
          page.text.includes('security questions'),
        ]).toEqual([true, false])
      })

      test('leave no answer in the database, in clear or plainly hashed', async () => {
        await withQuestions(app())
        const rows = await app().ctx.db.selectFrom('authenticators').selectAll().execute()
        expect(JSON.stringify(rows)).not.toMatch(/möller|tibbles|paper/i)
        const [own] = await app().ctx.authenticators.listForUser(IDS.bob)
        expect(app().ctx.sealer.open(own!.sealedSecret!, `authenticator:${own!.id}`)).toMatch(
          /peppered:\$argon2id/,
        )
      })
    },
    { policy: { mfa: 'enrolled', allowed_factors: ['security_questions', 'email', 'totp'] } },
  )

  inEveryWorld((app) => {
    test('are offered to nobody until a policy names them', async () => {
      const browser = app().browser()
      await signIn(app(), 'gus', browser)
      const offers = await browser.tab().open(`${app().url}/account/factors/new`)
      expect(offers.text).not.toContain('Security questions')
    })
  })
})
