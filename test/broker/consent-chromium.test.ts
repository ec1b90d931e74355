import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { PASSWORDS } from '../support/people.ts'
import { aDevice, asking, authorizeUrl } from './device.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp({ startIso: new Date().toISOString() })
})
afterAll(() => app.close())

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '[::1]'],
])('Chromium takes the answer to a command line that listens on %s', async (address, host) => {
  let answer: (url: string) => void = () => undefined
  const answered = new Promise<string>((resolve) => (answer = resolve))
  const listener = createServer((req, res) => {
    if (req.url?.startsWith('/callback')) answer(req.url)
    res.end('<h1>Signed in</h1>')
  })
  await new Promise<void>((resolve) => listener.listen(0, address, resolve))
  const { port } = listener.address() as AddressInfo
  const chromium = await launchChromium()
  try {
    const asked = asking(await aDevice(app), { redirect_uri: `http://${host}:${port}/callback` })
    await withPage(chromium, {}, async (page) => {
      page.setDefaultTimeout(10_000)
      await page.goto(authorizeUrl(app, asked.query))
      await page.fill('input[name=login]', 'bob')
      await page.fill('input[name=password]', PASSWORDS.bob)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.getByRole('heading', { name: 'Signed in' }).waitFor()
    })
    const code = new URL(await answered, 'http://x').searchParams.get('code') ?? ''
    app.sink.learn(code)
    expect(code).toMatch(/^dw_bc_/)
  } finally {
    await chromium.close()
    listener.closeAllConnections()
    listener.close()
  }
})
