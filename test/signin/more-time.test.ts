import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { CODE_FORM, enterCode, freshTotp, sendCode, toFactor } from './portal.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const MORE = 'I need more time'
const MINUTE = 60

describe('more time for a step', () => {
  test('is given where the page says that time is short, and the attempt lasts as long as that', async () => {
    const page = await toFactor(app, 'ada')
    expect(page.$('.time').text()).toContain('You have 10 minutes for this step.')
    await app.advance(9 * MINUTE)
    const again = await page.form(CODE_FORM).submit(MORE)
    expect(again.$('.time [role=status]').text()).toBe('You have 10 minutes again.')
    await app.advance(8 * MINUTE)
    expect((await enterCode(again, await freshTotp(app, 'ada'))).url.pathname).toBe('/')
  })

  test('leaves a page that waits for a sent code waiting for it, and the code good', async () => {
    const [page, code] = await sendCode(app, await toFactor(app, 'dee'))
    await app.advance(5 * MINUTE)
    const again = await page.form(CODE_FORM).submit(MORE)
    expect((await enterCode(again, code)).url.pathname).toBe('/')
  })

  test('is not given once the time is over', async () => {
    const page = await toFactor(app, 'ada')
    await app.advance(10 * MINUTE + 1)
    expect((await page.form(CODE_FORM).submit(MORE)).status).toBe(401)
  })

  test('is given ten times and no more', async () => {
    let page = await toFactor(app, 'ada')
    for (let times = 1; times <= 10; times++) {
      await app.advance(9 * MINUTE)
      page = await page.form(CODE_FORM).submit(MORE)
    }
    expect(page.text).not.toContain(MORE)
    await app.advance(9 * MINUTE)
    const asked = page.form(CODE_FORM)
    expect(asked.fields.attempt).toMatch(/^[0-9a-f]{40}$/)
    await app.advance(MINUTE + 1)
    expect((await enterCode(page, '000000')).status).toBe(401)
  })

  test('brings no new tries', async () => {
    let page = await toFactor(app, 'ada')
    for (let tries = 1; tries <= 4; tries++) page = await enterCode(page, '000000')
    for (let times = 1; times <= 8; times++) {
      await app.advance(9 * MINUTE)
      page = await page.form(CODE_FORM).submit(MORE)
    }
    const last = await enterCode(page, '000000')
    expect(last.text).toContain('Sign in')
    expect(last.$('input[name=password]')).toHaveLength(1)
  })

  test('is not for another browser: asking ends the attempt', async () => {
    const page = await toFactor(app, 'ada')
    const stranger = await toFactor(app, 'ada')
    const attempt = page.form(CODE_FORM).fields.attempt!
    const refused = await stranger.form(CODE_FORM).forge('attempt', attempt).submit(MORE)
    expect(refused.status).toBe(401)
    expect((await enterCode(page, await freshTotp(app, 'ada'))).status).toBe(401)
  })
})
