import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brandSchema, type Brand } from '../../server/branding/brand.ts'
import type { LanguageCode } from '../../server/language/language.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { renderState, startSite } from './site.ts'
import { BRANDS, STATES } from './states.ts'

const MINUTE = 60_000
const YELLOW = brandSchema.parse({ name: 'yellow', title: 'Sunny Side', primary_color: '#ffd21f' })
const [ACME, NORTHWIND] = BRANDS as [Brand, Brand]
const NAMES = STATES.map(({ name }) => name)

/** The elements of a state with their classes, in the order of the page. */
const partsOf = (name: string): string[] =>
  renderState(name, ACME)
    .match(/<[a-z][^>]*>/g)!
    .map((tag) => tag.replaceAll(/ (?!class)[a-z-]+="[^"]*"/g, ''))

/** One state of each shape: states that differ in their texts alone are looked at once. */
const SHAPES = [...new Map(NAMES.toReversed().map((name) => [partsOf(name).join(''), name])).values()]

/** States that together show every part beside every part it ever stands beside. */
const COVER = (() => {
  const seen = new Set<string>()
  const adds = (name: string) => {
    const before = seen.size
    const parts = partsOf(name)
    parts.forEach((part, i) => seen.add(`${part}${parts[i + 1]}`))
    return seen.size > before
  }
  return SHAPES.toSorted((a, b) => partsOf(b).length - partsOf(a).length).filter(adds)
})()

let browser: Browser
let site: Awaited<ReturnType<typeof startSite>>
let posting: Awaited<ReturnType<typeof startSite>>
beforeAll(async () => {
  browser = await launchChromium()
  site = await startSite({ brands: [YELLOW] })
  posting = await startSite({ posts: true })
}, MINUTE)
afterAll(async () => {
  await browser.close()
  await Promise.all([site.stop(), posting.stop()])
})

/** A way to look at an open page, which leaves it as it was. */
type Look = (page: Page, name: string) => Promise<void>

interface Walk {
  brand?: Brand
  names?: string[]
  locale?: LanguageCode
}

/** Opens pages one after the other and looks at each; what the browser complains about (e.g. a broken policy) is collected. */
async function walk({ brand = ACME, names = NAMES, locale = 'en' }: Walk, looks: Look[]): Promise<void> {
  await withPage(browser, { viewport: DESKTOP, reducedMotion: 'reduce' }, async (page) => {
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    if (looks.some((look) => look !== narrow)) await page.addInitScript(axe.source) // the page's policy stays as it is
    for (const name of names) {
      await page.goto(`${site.url}/${brand.name}/${name}?locale=${locale}`)
      for (const look of looks) await look(page, name)
      expect(complaints, name).toEqual([])
    }
  })
}

const open = (name: string, use: (page: Page) => Promise<void>) => walk({ names: [name] }, [use])

/** What axe-core finds wrong, one line each. */
const findings = (page: Page, rules: object): Promise<string[]> =>
  page.evaluate(async (options) => {
    const { violations } = await (globalThis as any).axe.run(options)
    return violations.flatMap((v: any) => v.nodes.map((n: any) => `${v.id}: ${n.html} ${n.failureSummary}`))
  }, rules)

const light: Look = async (page, name) =>
  expect(await findings(page, { rules: { 'target-size': { enabled: true } } }), name).toEqual([])

/** The pages are the same in the dark but for their colours, so only those are looked at again. */
const dark: Look = async (page, name) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await findings(page, { runOnly: ['color-contrast', 'link-in-text-block'] }), name).toEqual([])
  await page.emulateMedia({ colorScheme: 'light' })
}

const DESKTOP = { width: 1280, height: 800 }
/** A screen of 1280 px at 400 %: WCAG 2.2, 1.4.10. */
const NARROW = { width: 320, height: 800 }
const CONTROLS = 'button, input:not([type=hidden]), .button, nav a, .foot a, .aside a'

const narrow: Look = async (page, name) => {
  await page.setViewportSize(NARROW)
  const { excess, small } = await page.evaluate((controls) => {
    const { document } = globalThis as any
    const { scrollWidth, clientWidth } = document.documentElement
    const low = [...document.querySelectorAll(controls)].filter(
      (el) => el.offsetParent !== null && el.getBoundingClientRect().height < 43.5,
    )
    return { excess: scrollWidth - clientWidth, small: low.map((el) => String(el.outerHTML)) }
  }, CONTROLS)
  expect(excess, name).toBe(0)
  expect(small, name).toEqual([])
  await page.setViewportSize(DESKTOP)
}

/** What each way of looking promises. */
const PROMISES = new Map([
  [light, 'has nothing that axe-core finds'],
  [dark, 'is easy to read in the dark'],
  [narrow, 'fits 320 px without scrolling sideways, with controls of at least 44 px'],
])

describe.concurrent('every page', () => {
  const walks: (Walk & { looks: Look[] })[] = [
    { looks: [light, dark, narrow] },
    { names: COVER, locale: 'ar', looks: [light, narrow] }, // from right to left
    { names: SHAPES, locale: 'de', looks: [narrow] }, // long words
    { brand: NORTHWIND, names: COVER, looks: [light, dark] },
    { brand: YELLOW, names: COVER, looks: [dark] },
  ]
  for (const { looks, ...pages } of walks) {
    const { brand = ACME, locale = 'en' } = pages
    const promises = looks.map((look) => PROMISES.get(look)).join(', ')
    test(`of ${brand.name} in ${locale} ${promises}`, () => walk(pages, looks), 10 * MINUTE)
  }
})

/** Which controls the Tab key visits from where the page puts the focus, by id, name or text. */
async function tabStops(page: Page): Promise<string[]> {
  const current = (): Promise<string> =>
    page.evaluate(() => {
      const { activeElement: at, body } = (globalThis as any).document
      if (!at || at === body) return ''
      return at.id !== '' ? at.id : (at.getAttribute('aria-label') ?? at.textContent.trim().split('\n')[0])
    })
  const stops = [await current()]
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press('Tab')
    const at = await current()
    if (at === '') break
    stops.push(at)
  }
  return stops
}

describe.concurrent('the keyboard', () => {
  test('walks the sign-in page from the login down', () =>
    open('login-plain', async (page) => {
      expect(await tabStops(page)).toEqual([
        'login',
        'password',
        'Show password',
        'Sign in',
        'Use a passkey',
        'Forgot your password?',
        'Help with signing in',
        'Privacy',
      ])
    }))

  test('starts at what is wrong and comes to the field from there', () =>
    open('login-empty', async (page) => {
      const stops = await tabStops(page)
      expect(stops.slice(0, 4)).toEqual([
        'summary',
        'Enter your e-mail or username',
        'Enter your password',
        'login',
      ])
      await page.getByRole('link', { name: 'Enter your password' }).click()
      expect(await page.locator(':focus').getAttribute('id')).toBe('password')
    }))

  test('sends the code with Enter, not a request for a new one', () =>
    open('factor-email-sent', async (page) => {
      const sent = page.waitForRequest((request) => request.method() === 'POST')
      await page.keyboard.type('123456')
      await page.keyboard.press('Enter')
      expect((await sent).postData()).toMatch(/&device_id=71&code=123456&action=verify$/)
    }))

  test('shows where it is on every stop', () =>
    open('home-apps', async (page) => {
      for (let i = 0; i < 5; i++) {
        await page.keyboard.press('Tab')
        const style = await page
          .locator(':focus')
          .evaluate((el: any) => (globalThis as any).getComputedStyle(el).outlineStyle)
        expect(style).toBe('solid')
      }
    }))
})

describe.concurrent('a script', () => {
  test('shows and hides the password, and hides it before it is sent', () =>
    open('login-for-app', async (page) => {
      const type = () => page.locator('#password').getAttribute('type')
      await page.getByRole('button', { name: 'Show password' }).click()
      expect(await type()).toBe('text')
      await page.locator('form').dispatchEvent('submit')
      expect(await type()).toBe('password')
    }))

  test('is not needed to sign in', () =>
    withPage(browser, { javaScriptEnabled: false }, async (page) => {
      await page.goto(`${site.url}/acme/login-plain`)
      expect(await page.locator('button:visible').allInnerTexts()).toEqual(['Sign in'])
      await page.goto(`${site.url}/acme/saml-post`)
      expect(await page.locator('button:visible').allInnerTexts()).toEqual(['Continue to Wiki'])
    }))

  test('that asks for news while a page is looked at hears that there is none', () =>
    withPage(browser, {}, async (page) => {
      await page.clock.install()
      await page.goto(`${site.url}/acme/approve-asked`)
      const asked = page.waitForResponse('**/approve/waiting')
      await page.clock.runFor(MINUTE)
      expect((await asked).status()).toBe(204)
    }))

  test('posts the SAML form by itself', () =>
    withPage(browser, {}, async (page) => {
      const arrived = page.waitForRequest('https://sp.example.test/**')
      await page.route('https://sp.example.test/**', (route) => route.fulfill({ body: 'hello' }))
      await page.goto(`${posting.url}/acme/saml-post`)
      expect((await arrived).url()).toBe('https://sp.example.test/acs?a=1&b=2')
      expect((await arrived).postData()).toBe(
        'SAMLResponse=PHNhbWxwOlJlc3BvbnNlLz4%3D&RelayState=deep%2Flink',
      )
    }))
})

describe.concurrent('forced colours', () => {
  test('leave every control and message with an edge, and what is wrong marked', () =>
    withPage(browser, { forcedColors: 'active' }, async (page) => {
      await page.goto(`${site.url}/acme/login-empty`)
      const edges = await page
        .locator('.button, input:not([type=hidden]), .box, .card')
        .evaluateAll((parts: any[]) =>
          parts.map((part) => {
            const { borderTopStyle, borderTopWidth } = (globalThis as any).getComputedStyle(part)
            return [borderTopStyle, Number.parseFloat(borderTopWidth) >= 1]
          }),
        )
      expect(edges.length).toBeGreaterThanOrEqual(5)
      expect(edges).toEqual(edges.map(() => ['solid', true]))
      await page.locator('#login').focus()
      const focused = await page
        .locator('#login')
        .evaluate((el: any) => (globalThis as any).getComputedStyle(el).outlineStyle)
      expect(focused).toBe('solid')
    }))
})

describe.concurrent('reduced motion', () => {
  test('leaves nothing that moves', () =>
    withPage(browser, { reducedMotion: 'reduce' }, async (page) => {
      await page.goto(`${site.url}/acme/home-apps`)
      const moving = await page.locator('*').evaluateAll((all: any[]) =>
        all
          .filter((el) => {
            const { transitionDuration, animationName } = (globalThis as any).getComputedStyle(el)
            return animationName !== 'none' || /[1-9]/.test(transitionDuration)
          })
          .map((el) => el.className),
      )
      expect(moving).toEqual([])
    }))
})
