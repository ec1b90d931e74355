import { describe, expect, test } from 'vitest'
import { csrfOn, eventsSince, sendForm, sessionCookie, signIn } from '../signin/portal.ts'
import { inEveryWorld } from '../support/app.ts'
import { DEVICES, IDS } from '../support/people.ts'
import {
  approve,
  approverOf,
  checkNow,
  deny,
  forgetApprovers,
  numberOn,
  openApprove,
  otherThan,
  sendAnswer,
  sendRequest,
  signInAnew,
  toPush,
} from './approving.ts'

describe('approving a sign-in in another browser', () => {
  inEveryWorld((app) => {
    test('lets the sign-in on, once the person has typed the number that it shows', async () => {
      await forgetApprovers(app(), 'ada')
      const laptop = await approverOf(app(), 'ada')
      const phone = app().browser()
      const waiting = await sendRequest(await toPush(app(), 'ada', phone))
      expect([waiting.title, numberOn(waiting)]).toEqual([
        expect.stringContaining('Approve it on your other device'),
        expect.stringMatching(/^\d\d$/),
      ])
      const early = await checkNow(waiting)
      expect([early.text, numberOn(early)]).toEqual([
        expect.stringContaining('Not approved yet'),
        numberOn(waiting),
      ])
      const asked = await openApprove(app(), laptop)
      for (const told of ['Is this you?', 'ada@acme.test', '127.0.0.1', 'January'])
        expect(asked.text).toContain(told)
      expect(asked.body).not.toContain(numberOn(waiting) + '<')
      expect((await approve(asked, numberOn(waiting))).text).toContain('Approved')
      expect((await checkNow(early)).url.pathname).toBe('/')
      expect(sessionCookie(app(), phone)).toBeDefined()
    })

    test('ends with a denial or another number, and after three of them asks no more', async () => {
      await forgetApprovers(app(), 'ada')
      const laptop = await approverOf(app(), 'ada')
      const before = (await app().events()).length
      let page = await toPush(app(), 'ada')
      for (const answer of ['deny', 'other', 'deny']) {
        page = await page.form('form:not(.others)').submit('Send the request')
        const asked = await openApprove(app(), laptop)
        const done = answer === 'deny' ? await deny(asked) : await approve(asked, otherThan(numberOn(page)))
        expect(done.text).toContain(answer === 'deny' ? 'Denied' : 'That was another number')
        page = await checkNow(page)
        expect([page.status, page.text]).toEqual([401, expect.stringContaining('was denied')])
      }
      const locked = await sendRequest(page)
      expect([locked.status, locked.text]).toEqual([401, expect.stringContaining('No more requests')])
      expect((await openApprove(app(), laptop)).text).toContain('Nothing to approve')
      const reasons = (await eventsSince(app(), before)).filter(([type]) => type === 527)
      expect(reasons).toEqual([
        [527, 'denied'],
        [527, 'wrong number'],
        [527, 'denied'],
      ])
    })

    test('is asked of a person one at a time, however many attempts ask for it', async () => {
      await forgetApprovers(app(), 'ada')
      const laptop = await approverOf(app(), 'ada')
      const pages = await Promise.all(Array.from({ length: 4 }, () => toPush(app(), 'ada')))
      const sent = await Promise.all(pages.map(sendRequest))
      expect(sent.filter((page) => numberOn(page) !== '')).toHaveLength(1)
      expect(sent.filter(({ text }) => text.includes('Another sign-in of yours'))).toHaveLength(3)
      const winner = sent.find((page) => numberOn(page) !== '')!
      await approve(await openApprove(app(), laptop), numberOn(winner))
      const loser = sent.find((page) => numberOn(page) === '')!
      const fields = {
        _csrf: csrfOn(loser),
        attempt: loser.form('form:not(.others)').fields.attempt!,
        device_id: loser.form('form:not(.others)').fields.device_id!,
        action: 'verify',
      }
      expect((await checkNow(winner)).url.pathname).toBe('/')
      const reply = await sendForm(app(), app().browser(), '/login/factor', fields)
      expect(reply.headers.getSetCookie().join()).not.toContain('doorward=')
    })

    test('takes one of twenty racing answers, and an approval lets one of twenty racing pages on', async () => {
      await forgetApprovers(app(), 'ada')
      const laptop = await approverOf(app(), 'ada')
      const phone = app().browser()
      const waiting = await sendRequest(await toPush(app(), 'ada', phone))
      const asked = await openApprove(app(), laptop)
      const number = numberOn(waiting)
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          sendAnswer(app(), laptop, asked, { number, action: i % 2 ? 'approve' : 'deny' }),
        ),
      )
      const outcomes = answers.map(({ headers }) => headers.get('location')!.replace('/approve?done=', ''))
      expect(outcomes.filter((outcome) => outcome !== 'over')).toHaveLength(1)
      const fields = { ...waiting.form('form:not(.others)').fields, action: 'verify' }
      const races = await Promise.all(
        Array.from({ length: 20 }, () => sendForm(app(), phone, '/login/factor', fields)),
      )
      const on = races.filter(({ status }) => status === 303).length
      expect(on).toBe(outcomes.includes('approved') ? 1 : 0)
    })

    test('is over after a minute, and an answer that comes too late counts for nothing', async () => {
      await forgetApprovers(app(), 'ada')
      const laptop = await approverOf(app(), 'ada')
      const waiting = await sendRequest(await toPush(app(), 'ada'))
      const asked = await openApprove(app(), laptop)
      await app().advance(61)
      expect((await approve(asked, numberOn(waiting))).text).toContain('Too late')
      const lapsed = await checkNow(waiting)
      expect(lapsed.text).toContain('The request has ended')
      const again = await sendRequest(lapsed)
      expect(numberOn(again)).toMatch(/^\d\d$/)
      const replayed = await sendAnswer(app(), laptop, asked, { number: numberOn(again), action: 'approve' })
      expect(replayed.headers.get('location')).toBe('/approve?done=over')
      expect((await checkNow(again)).text).toContain('Not approved yet')
    })

    test('is of no use once the attempt has ended another way', async () => {
      await forgetApprovers(app(), 'ada')
      const laptop = await approverOf(app(), 'ada')
      const phone = app().browser()
      const waiting = await sendRequest(await toPush(app(), 'ada', phone))
      const byCode = await waiting.form('.others').submit(String(DEVICES.adaTotp))
      const code = app().totp('ada', 1)
      app().sink.learn(code)
      const end = await byCode.form('form:not(.others)').fill({ code }).submit('Continue')
      expect(end.url.pathname).toBe('/')
      const stranger = app().browser()
      await approve(await openApprove(app(), laptop), numberOn(waiting))
      const fields = { ...waiting.form('form:not(.others)').fields, action: 'verify' }
      const reply = await sendForm(app(), stranger, '/login/factor', fields)
      expect([reply.status, reply.headers.getSetCookie().join()]).toEqual([
        403,
        expect.not.stringContaining('doorward='),
      ])
    })

    test('stops by itself when somebody asks all the time', async () => {
      await forgetApprovers(app(), 'ada')
      await approverOf(app(), 'ada')
      let sent = 0
      for (let i = 0; i < 13; i++) {
        await app().advance(61)
        const page = await sendRequest(await toPush(app(), 'ada'))
        if (numberOn(page) !== '') sent++
        else expect(page.status).toBe(429)
      }
      expect(sent).toBe(10)
    })

    test('is the business of that person in that browser, and of nobody who made the sign-in', async () => {
      await forgetApprovers(app(), 'ada')
      await forgetApprovers(app(), 'cy')
      const laptop = await approverOf(app(), 'ada')
      const foreign = await approverOf(app(), 'cy')
      const second = app().browser()
      await signIn(app(), 'ada', second)
      const own = await sendRequest(await toPush(app(), 'ada', laptop))
      const asked = await openApprove(app(), laptop)
      expect((await approve(asked, numberOn(own))).text).toContain('Not in the same browser')
      const fields = { request: asked.form('form[action="/approve"]').fields.request!, number: numberOn(own) }
      for (const browser of [foreign, second]) {
        const page = await openApprove(app(), browser)
        expect(page.$('form[action="/approve"]')).toHaveLength(0)
        const csrf = { _csrf: csrfOn(page), action: 'approve' }
        const reply = await sendForm(app(), browser, '/approve', { ...fields, ...csrf })
        expect(reply.headers.get('location')).toBe('/approve?done=over')
      }
      expect((await checkNow(own)).text).toContain('Not approved yet')
    })
  })
})

describe('a browser that approves', () => {
  inEveryWorld(
    (app) => {
      test('is one in which somebody has just signed in with another second factor', async () => {
        const browser = app().browser()
        await signIn(app(), 'bob', browser)
        const page = await openApprove(app(), browser)
        expect([page.text, page.$('form[action="/approve/browser"]')]).toEqual([
          expect.stringContaining('Set up another way first'),
          expect.objectContaining({ length: 0 }),
        ])
        const bob = await sendForm(app(), browser, '/approve/browser', {
          _csrf: csrfOn(await browser.tab().open(`${app().url}/logout`)),
          name: 'x',
        })
        expect(bob.headers.get('location')).toContain('/login?fresh=1')
        const late = app().browser()
        await signIn(app(), 'cy', late)
        const form = await openApprove(app(), late)
        await app().advance(11 * 60)
        const asked = await form.form('form[action="/approve/browser"]').fill({ name: 'Late' }).submit()
        expect(asked.url.pathname).toBe('/login')
        const back = await signInAnew(app(), 'cy', late)
        expect(back.url.pathname).toBe('/approve')
        expect(await app().ctx.authenticators.listForUser(IDS.cy)).toHaveLength(2)
      })

      test('approves nothing in a session of yesterday, and may still deny', async () => {
        await forgetApprovers(app(), 'ada')
        const laptop = await approverOf(app(), 'ada')
        await app().advance(25 * 3600)
        expect((await openApprove(app(), laptop)).url.pathname).toBe('/login')
        const waiting = await sendRequest(await toPush(app(), 'ada'))
        const asked = await openApprove(app(), laptop)
        expect((await approve(asked, numberOn(waiting))).url.pathname).toBe('/login')
        expect((await checkNow(waiting)).text).toContain('Not approved yet')
        expect((await deny(asked)).text).toContain('Denied')
        expect((await signInAnew(app(), 'ada', laptop)).text).toContain('Nothing to approve')
      })

      test('is one no more once it is removed, and all sessions end with it', async () => {
        await forgetApprovers(app(), 'ada')
        const laptop = await approverOf(app(), 'ada')
        const page = await openApprove(app(), laptop)
        const end = await page.form('form[action="/approve/remove"]').submit()
        expect(end.url.pathname).toBe('/login')
        const left = await app().ctx.authenticators.listForUser(IDS.ada)
        expect(left.map(({ factor }) => factor)).toEqual(['totp'])
      })
    },
    { policy: { session_hours: 48 } },
  )
})
