import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { documentOf, operationsOf, toRoutePath } from './document.ts'

let app: TestApp
let browser: Browser
beforeAll(async () => {
  app = await startApp()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await app.close()
})

/** Opens the page; what the browser complains about, and what it asks of others, is collected. */
async function onPage(options: BrowserContextOptions, at: string, look: (page: Page) => Promise<void>) {
  const complaints: string[] = []
  await withPage(browser, options, async (page) => {
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(`${app.url}/`)) complaints.push(`asks ${request.url()}`)
    })
    await page.goto(`${app.url}/docs${at}`)
    await look(page)
  })
  expect(complaints).toEqual([])
}

describe('The page of the API', () => {
  test('lists every operation with its address and what it needs, without scripts', async () => {
    const operations = operationsOf(await documentOf(app))
    await onPage({ javaScriptEnabled: false }, '', async (page) => {
      const rows = await page.locator('.reference-group li').allInnerTexts()
      expect(rows).toHaveLength(operations.length)
      for (const { method, path, summary } of operations) {
        const address = `${method.toUpperCase()} ${toRoutePath(path)}\n`
        const row = rows.find((text) => text.replace(/\s+\//, ' /').startsWith(address))
        expect(row, address).toContain(summary)
      }
      expect(await page.locator('#swagger-ui').isVisible()).toBe(false)
      expect(await page.locator('a[href="/api/1/openapi.json"]').count()).toBeGreaterThan(0)
    })
  })

  test('is Swagger UI where scripts run, dark if wanted, with nothing blocked and nothing from elsewhere', async () => {
    const document = await documentOf(app)
    await onPage({ colorScheme: 'dark' }, '#/Events/getEventTypes', async (page) => {
      page.setDefaultTimeout(60_000)
      const operation = page.locator('.opblock.is-open')
      await operation.waitFor()
      expect(await page.locator('html').getAttribute('class')).toContain('dark-mode')
      expect(await page.locator('#plain-list').isVisible()).toBe(false)
      const chapters = new Set(operationsOf(document).flatMap(({ tags }) => tags))
      expect(await page.locator('.opblock-tag').count()).toBe(chapters.size)
      await operation.getByRole('tab', { name: 'Schema' }).first().click()
      await operation.getByRole('button', { name: 'Try it out' }).click()
      await operation.getByRole('button', { name: 'Execute' }).click()
      await operation.locator('.live-responses-table .response-col_status').getByText('200').waitFor()
    })
  }, 120_000)
})

describe('The files of the library', () => {
  const addresses = () => app.call('GET', '/docs').then(({ text }) => text.match(/\/docs\/[\w.-]+/g)!)

  test('may be kept for ever, under an address that names their version', async () => {
    const found = await addresses()
    expect(found).toHaveLength(2)
    for (const address of found) {
      const { status, headers, text } = await app.call('GET', address)
      expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
      expect(headers.get('content-type')).toMatch(/^text\/(javascript|css); charset=utf-8$/)
      expect(text).not.toMatch(/url\(["']?data:/)
      expect(address).toMatch(/\d+\.\d+\.\d+/)
    }
  })

  test.each(['swagger-ui.css', 'package.json', '..%2fpackage.json', '0.0.0.swagger-ui.css', 'index.html'])(
    'are those two and no other: %s',
    async (file) => {
      expect((await app.call('GET', `/docs/${file}`)).status).toBe(404)
    },
  )
})
