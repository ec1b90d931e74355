import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authenticatorPlace } from '../../server/factors/authenticator-store.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { IDS, PASSWORDS } from '../support/people.ts'

let app: TestApp
let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
}, 60_000)
afterAll(() => browser.close())

/** Chromium's own authenticator in place of a phone's: keeps passkeys and says that its owner was there. */
async function authenticatorOf(page: Page) {
  page.setDefaultTimeout(8000)
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const setUserVerified = (isUserVerified: boolean) =>
    session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
  return {
    setUserVerified,
    remove: () => session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
  }
}

async function typePassword(page: Page, who: 'bob' | 'gus') {
  await page.goto(`${app.url}/login`)
  await page.fill('#login', who)
  await page.fill('#password', PASSWORDS[who])
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** A person without a factor adds a passkey at their account. */
async function addPasskey(page: Page, who: 'bob' | 'gus') {
  await app.ctx.db.deleteFrom('authenticators').where('userId', '=', IDS[who]).execute()
  await typePassword(page, who)
  await page.waitForURL(`${app.url}/`)
  await page.goto(`${app.url}/account/factors/new`)
  await page.getByRole('button', { name: 'Passkey or security key' }).click()
  await pressContinue(page)
  await page.waitForURL(/\/account\?notice=factor_added/)
}

/** A browser that names no passkeys by itself: the virtual one would answer at once. */
const withoutOffer = (page: Page) =>
  page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)')

/** Presses the button once its script is there. */
async function pressContinue(page: Page) {
  await page.locator('[data-needs-script]').waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Continue' }).click()
}

const signOut = (page: Page) => page.context().clearCookies()

describe.each(['in-process', 'PostgreSQL and Redis'] as const)('%s', (world) => {
  beforeAll(async () => {
    app = await startApp({ world })
  })
  afterAll(() => app.close())

  test('a passkey is added, asked for beside the password, and then signs in alone by its button', () =>
    withPage(browser, {}, async (page) => {
      await withoutOffer(page)
      await authenticatorOf(page)
      await addPasskey(page, 'bob')
      await signOut(page)
      await app.advance(60)
      await typePassword(page, 'bob')
      await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
      await pressContinue(page)
      await page.waitForURL(`${app.url}/`)
      await signOut(page)
      await page.goto(`${app.url}/login?return_to=/account`)
      const button = page.getByRole('button', { name: 'Use a passkey' })
      await button.click()
      await page.waitForURL(`${app.url}/account`)
      expect(await page.getByText('bob@acme.test').count()).toBeGreaterThan(0)
    }))

  test('the browser offers the passkey in the first field, and it signs in without a name typed', () =>
    withPage(browser, {}, async (page) => {
      await authenticatorOf(page)
      await addPasskey(page, 'gus')
      await signOut(page)
      await page.goto(`${app.url}/login`)
      await page.waitForURL(`${app.url}/`) // the virtual one picks itself from what the browser offers
    }))

  test('who does not finish at the browser’s question is told, and asks again', () =>
    withPage(browser, {}, async (page) => {
      await withoutOffer(page)
      const key = await authenticatorOf(page)
      await addPasskey(page, 'bob')
      await signOut(page)
      await typePassword(page, 'bob')
      await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
      await key.remove()
      const refuse = `navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))`
      await page.evaluate(refuse)
      await pressContinue(page)
      await page.getByText('Nothing was sent.').waitFor()
      expect(await page.getByRole('button', { name: 'Continue' }).isEnabled()).toBe(true)
    }))

  test('a passkey whose owner is not checked signs nobody in alone', () =>
    withPage(browser, {}, async (page) => {
      const key = await authenticatorOf(page)
      await addPasskey(page, 'gus')
      await signOut(page)
      await key.setUserVerified(false)
      await page.goto(`${app.url}/login`)
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByText('Nothing was sent.').waitFor()
      expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('doorward')
    }))

  test('without scripts the page offers no passkey, and one that is asked for explains itself', () =>
    withPage(browser, { javaScriptEnabled: false }, async (page) => {
      await page.goto(`${app.url}/login`)
      expect(await page.getByRole('button', { name: 'Use a passkey' }).count()).toBe(0)
      const passkey = { id: 'AAAA', publicKey: 'AAAA', count: 0, transports: [], synced: true }
      const draft = {
        userId: IDS.gus,
        factor: 'webauthn',
        label: 'Passkey',
        active: true,
        createdAt: 0,
      } as const
      const { sealer, authenticators } = app.ctx
      await authenticators.add(draft, (id) => sealer.seal(JSON.stringify(passkey), authenticatorPlace(id)))
      await page.fill('#login', 'gus')
      await page.fill('#password', PASSWORDS.gus)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByText('Passkeys need JavaScript').waitFor()
    }))
})
