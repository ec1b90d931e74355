import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brandSchema, type Brand } from '../../server/branding/brand.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { renderState, startSite } from './site.ts'
import { BRANDS, STATES } from './states.ts'

const MINUTE = 60_000
const YELLOW = brandSchema.parse({ name: 'yellow', title: 'Sunny Side', primary_color: '#ffd21f' })
const NAMES = STATES.map(({ name }) => name)

/** One state of each shape: states that differ in their texts alone are looked at once. */
const SHAPES = [
  ...new Map(
    NAMES.toReversed().map((name) => {
      const tags = renderState(name, BRANDS[0]!).match(/<[a-z][^>]*>/g)!
      return [tags.map((tag) => tag.replaceAll(/ (?!class)[a-z-]+="[^"]*"/g, '')).join(''), name]
    }),
  ).values(),
]

let browser: Browser
let site: Awaited<ReturnType<typeof startSite>>
beforeAll(async () => {
  browser = await launchChromium()
  site = await startSite([YELLOW])
}, MINUTE)
afterAll(async () => {
  await browser.close()
  await site.stop()
})

/** Opens pages one after the other; what the browser complains about (e.g. a broken policy) is collected. */
async function onEach(
  options: { brand?: Brand; names?: string[]; width?: number; dark?: boolean; locale?: string },
  look: (page: Page, name: string) => Promise<unknown>,
): Promise<void> {
  const { brand = BRANDS[0]!, names = NAMES, width = 1280, dark = false, locale = 'en' } = options
  const viewport = { width, height: 800 }
  const context = { viewport, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' } as const
  await withPage(browser, context, async (page) => {
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.route('**/auto-post.js', (route) =>
      route.fulfill({ body: '', contentType: 'text/javascript' }),
    )
    for (const name of names) {
      await page.goto(`${site.url}/${brand.name}/${name}?locale=${locale}`)
      await look(page, name)
      expect(complaints, name).toEqual([])
    }
  })
}

const open = (name: string, use: (page: Page) => Promise<void>) =>
  onEach({ names: [name] }, (page) => use(page))

const ALL_RULES = { rules: { 'target-size': { enabled: true } } }
const COLOUR_RULES = { runOnly: ['color-contrast', 'link-in-text-block'] }

/** What axe-core finds wrong, one line each. */
async function findings(page: Page, rules: object): Promise<string[]> {
  await page.evaluate(axe.source) // over the debugger, so that the page's policy may stay as it is
  return page.evaluate(async (options) => {
    const { violations } = await (globalThis as any).axe.run(options)
    return violations.flatMap((v: any) => v.nodes.map((n: any) => `${v.id}: ${n.html} ${n.failureSummary}`))
  }, rules)
}

describe.concurrent('axe-core', () => {
  test.each([
    { name: 'acme', names: NAMES, brand: BRANDS[0]! },
    { name: 'northwind', names: SHAPES, brand: BRANDS[1]! },
  ])(
    'finds nothing on any page of $name in light',
    ({ brand, names }) =>
      onEach({ brand, names }, async (page, name) =>
        expect(await findings(page, ALL_RULES), name).toEqual([]),
      ),
    8 * MINUTE,
  )

  test(
    'finds nothing on a page of each shape from right to left',
    () =>
      onEach({ names: SHAPES, locale: 'ar' }, async (page, name) =>
        expect(await findings(page, ALL_RULES), name).toEqual([]),
      ),
    4 * MINUTE,
  )

  // The pages are the same in the dark but for their colours, so only those are looked at again.
  test.each([...BRANDS, YELLOW])(
    'finds nothing to read badly on any page of $name in dark',
    (brand) =>
      onEach({ brand, dark: true, names: SHAPES }, async (page, name) =>
        expect(await findings(page, COLOUR_RULES), name).toEqual([]),
      ),
    4 * MINUTE,
  )
})

/** 320 px is a screen of 1280 px at 400 %: WCAG 2.2, 1.4.10. */
describe.concurrent('every page', () => {
  test.each([
    { locale: 'en', names: NAMES },
    { locale: 'de', names: SHAPES }, // long words
    { locale: 'ar', names: SHAPES },
  ])(
    'fits a screen of 320 px without scrolling sideways, with controls of at least 44 px, in $locale',
    ({ locale, names }) =>
      onEach({ width: 320, locale, names }, async (page, name) => {
        const excess = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = (globalThis as any).document.documentElement
          return scrollWidth - clientWidth
        })
        expect(excess, name).toBe(0)
        const small = await page
          .locator('button, input:not([type=hidden]), .button, nav a, .foot a, .aside a')
          .evaluateAll((controls: any[]) =>
            controls
              .filter((el) => el.offsetParent !== null && el.getBoundingClientRect().height < 43.5)
              .map((el) => String(el.outerHTML)),
          )
        expect(small, name).toEqual([])
      }),
    4 * MINUTE,
  )
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

  test('posts the SAML form by itself', () =>
    withPage(browser, {}, async (page) => {
      const arrived = page.waitForRequest('https://sp.example.test/**')
      await page.route('https://sp.example.test/**', (route) => route.fulfill({ body: 'hello' }))
      await page.goto(`${site.url}/acme/saml-post`)
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
