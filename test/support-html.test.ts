import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { browser } from './support/html.ts'
import { secretsSink } from './support/secrets-sink.ts'

type Handle = (req: IncomingMessage & { body: string }, res: ServerResponse) => void

/** A server on loopback; `127.0.0.1` and `localhost` are two sites for a browser. */
async function serve(handle: Handle): Promise<{ url: string; seen: (IncomingMessage & { body: string })[] }> {
  const seen: (IncomingMessage & { body: string })[] = []
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => (body += chunk.toString()))
    req.on('end', () => {
      const whole = Object.assign(req, { body })
      seen.push(whole)
      res.setHeader('content-type', 'text/html; charset=utf-8')
      handle(whole, res)
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

const FORM = `<!doctype html><title> Sign  in </title><style>p { color: red }</style>
<h1>Hello,<br>Ada</h1><p hidden>nothing</p>
<form id=login method=post action="/in?x=1">
  <input name=user required><input type=password name=password><input type=hidden name=csrf value="a&amp;b">
  <input type=checkbox name=remember value=yes><input type=checkbox name=news checked>
  <input type=radio name=factor value=totp checked><input type=radio name=factor value=email>
  <select name=lang><option value=en>English<option value=de>Deutsch</select>
  <textarea name=note>one
two</textarea>
  <input name=off value=1 disabled><fieldset disabled><input name=off2 value=1></fieldset>
  <button name=go value=on>Go on</button><button name=go value=back formaction=/back>Back</button><button type=button>No</button>
</form>
<input form=login name=outside value=3>
<form id=search><input name=q></form>
<a href="/next?a=1">Next  page</a><script>1</script>`

test('a page shows its title, its text without scripts and its forms by selector', async () => {
  const { url } = await serve((_, res) => res.end(FORM))
  const page = await browser().tab().open(url)
  expect(page.title).toBe('Sign in')
  expect(page.text).toMatch(/^Hello, Ada /)
  expect(page.text).not.toMatch(/color|nothing/)
  expect(() => page.form()).toThrow('2 forms')
  expect(() => page.form('#other')).toThrow('0 forms')
  expect(page.form('#search').fields).toEqual({ q: '' })
})

test('a form sends what a browser would send, with the button that was pressed', async () => {
  const { url, seen } = await serve((_, res) => res.end(FORM))
  const page = await browser().tab().open(url)
  const form = page.form('#login')
  form.fill({ user: 'ada', password: 'p+w &', remember: true, news: false, factor: 'email', lang: 'de' })
  await form.submit('Go on')
  const { method, url: path, body, headers } = seen[1]!
  expect([method, path, headers['content-type']]).toEqual([
    'POST',
    '/in?x=1',
    'application/x-www-form-urlencoded',
  ])
  expect([...new URLSearchParams(body)]).toEqual([
    ['user', 'ada'],
    ['password', 'p+w &'],
    ['csrf', 'a&b'],
    ['remember', 'yes'],
    ['factor', 'email'],
    ['lang', 'de'],
    ['note', 'one\r\ntwo'],
    ['outside', '3'],
    ['go', 'on'],
  ])
  await page.form('#login').submit('Back')
  expect(seen[2]!.url).toBe('/back')
  await page.form('#search').fill({ q: 'x y' }).submit()
  expect(seen[3]!.url).toBe('/?q=x+y')
})

test('a form cannot be filled in as no person could, but can be forged', async () => {
  const { url, seen } = await serve((_, res) => res.end(FORM))
  const form = (await browser().tab().open(url)).form('#login')
  for (const name of ['csrf', 'off', 'off2', 'unknown'])
    expect(() => form.fill({ [name]: 'x' })).toThrow(name)
  expect(() => form.fill({ lang: 'fr' })).toThrow('no choice')
  await expect(form.submit('No')).rejects.toThrow('0 buttons')
  await form.forge('csrf', undefined).forge('admin', '1').submit()
  expect(seen[1]!.body).toContain('admin=1')
  expect(seen[1]!.body).not.toContain('csrf')
})

test('a typed address is sent with no origin, a form of the same page with its own', async () => {
  const { url, seen } = await serve((_, res) => res.end(FORM))
  const page = await browser().tab().open(`${url}/a?b#c`)
  await page.form('#login').submit()
  expect(seen[0]!.headers).toMatchObject({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })
  expect(seen[0]!.headers).not.toHaveProperty('origin')
  expect(seen[1]!.headers).toMatchObject({
    'sec-fetch-site': 'same-origin',
    origin: url,
    referer: `${url}/a?b`,
  })
})

test('a page with no-referrer sends Origin null, as browsers do', async () => {
  const { url, seen } = await serve((_, res) => res.setHeader('referrer-policy', 'no-referrer').end(FORM))
  await (await browser().tab().open(url)).form('#login').submit()
  expect(seen[1]!.headers).toMatchObject({ 'sec-fetch-site': 'same-origin', origin: 'null' })
  expect(seen[1]!.headers).not.toHaveProperty('referer')
})

test('a form of a foreign site is sent as cross-site and without Lax cookies', async () => {
  const ours = await serve((_, res) =>
    res.setHeader('set-cookie', ['lax=1; Path=/', 'strict=1; Path=/; SameSite=Strict']).end(FORM),
  )
  const theirs = await serve((_, res) =>
    res.end(`<form method=post action="${ours.url}/x"></form><a href="${ours.url}">in</a>`),
  )
  const tab = browser().tab()
  await tab.open(ours.url)
  const page = await tab.open(theirs.url.replace('127.0.0.1', 'localhost'))
  await page.form().submit()
  expect(ours.seen[1]!.headers).toMatchObject({ 'sec-fetch-site': 'cross-site', origin: page.url.origin })
  expect(ours.seen[1]!.headers).not.toHaveProperty('cookie')
  await page.click('in')
  expect(ours.seen[2]!.headers.cookie).toBe('lax=1')
})

test('redirects are followed as browsers do: 303 by GET, 307 with the form again, and not for ever', async () => {
  const { url, seen } = await serve((req, res) => {
    const to = { '/303': '/end', '/307': '/303', '/loop': '/loop' }[req.url!]
    if (to === undefined) return res.end('<p>end')
    return res
      .writeHead(Number(req.url!.slice(1)) || 302, {
        location: to,
        'set-cookie': `at${req.url!.slice(1)}=1; Path=/`,
      })
      .end()
  })
  const chrome = browser()
  const page = await chrome.tab().open(url)
  expect(page.text).toBe('end')
  const form = `<form method=post action=/307><input name=a value=1></form>`
  const start = await serve((_, res) => res.end(form.replace('/307', `${url}/307`)))
  const end = await (await chrome.tab().open(start.url)).form().submit()
  expect(end.hops).toEqual([`${url}/307`, `${url}/303`, `${url}/end`])
  expect(seen.slice(1).map((req) => [req.method, req.body])).toEqual([
    ['POST', 'a=1'],
    ['POST', 'a=1'],
    ['GET', ''],
  ])
  expect(chrome.cookies.get(url, 'at303')).toBe('1')
  await expect(chrome.tab().open(`${url}/loop`)).rejects.toThrow('too many redirects')
  const stopped = await browser({ redirects: 0 }).tab().open(`${url}/loop`)
  expect([stopped.status, stopped.headers.get('location')]).toEqual([302, '/loop'])
})

test('tabs share cookies, browsers and origins do not', async () => {
  const one = await serve((_, res) => res.setHeader('set-cookie', 'a=1; Path=/').end())
  const two = await serve((_, res) => res.end())
  const chrome = browser()
  await chrome.tab().open(one.url)
  await chrome.tab().open(one.url)
  await chrome.tab().open(two.url)
  await browser().tab().open(one.url)
  expect(one.seen.map((req) => req.headers.cookie)).toEqual([undefined, 'a=1', undefined])
  expect(two.seen[0]!.headers.cookie).toBeUndefined()
})

const COOKIES: [line: string, from: string, sentTo: string, sent: boolean][] = [
  ['a=1', 'http://x.test/a/b', 'http://x.test/a/c', true],
  ['a=1', 'http://x.test/a/b', 'http://x.test/ab', false],
  ['a=1; Path=/api', 'http://x.test/', 'http://x.test/api/1', true],
  ['a=1; Path=/api', 'http://x.test/', 'http://x.test/apis', false],
  ['a=1; Max-Age=60', 'http://x.test/', 'http://x.test/', true],
  ['a=1; Max-Age=0', 'http://x.test/', 'http://x.test/', false],
  ['a=1; Max-Age=0; Expires=Wed, 01 Jan 2098 00:00:00 GMT', 'http://x.test/', 'http://x.test/', false],
  ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'http://x.test/', 'http://x.test/', false],
  ['a=1; Secure', 'http://x.test/', 'https://x.test/', false],
  ['a=1; Secure', 'https://x.test/', 'https://x.test/', true],
  ['__Host-a=1; Secure; Path=/', 'https://x.test/b', 'https://x.test/', true],
  ['__Host-a=1; Path=/', 'https://x.test/', 'https://x.test/', false],
  ['__Host-a=1; Secure; Path=/b', 'https://x.test/b', 'https://x.test/b', false],
  ['__Host-a=1; Secure; Path=/; Domain=x.test', 'https://x.test/', 'https://x.test/', false],
  ['__Secure-a=1; Path=/', 'https://x.test/', 'https://x.test/', false],
  ['a=1; Domain=y.test', 'http://x.test/', 'http://x.test/', false],
  ['a=1; SameSite=None', 'https://x.test/', 'https://x.test/', false],
  ['=1', 'http://x.test/', 'http://x.test/', false],
]

for (const [line, from, sentTo, sent] of COOKIES) {
  test(`the cookie "${line}" from ${from} is ${sent ? '' : 'not '}sent to ${sentTo}`, () => {
    const { cookies } = browser({ now: () => Date.UTC(2030, 0, 1) })
    cookies.receive(new URL(from), [line])
    expect(cookies.header({ url: new URL(sentTo), method: 'GET', sameSite: true })).toBe(
      sent ? line.split(';')[0] : '',
    )
  })
}

test('a cookie is replaced by one of the same name and path, and expires with time', () => {
  let now = Date.UTC(2030, 0, 1)
  const { cookies } = browser({ now: () => now })
  const url = new URL('http://x.test/')
  cookies.receive(url, ['a=1; Max-Age=60'])
  cookies.receive(url, ['a=2; Max-Age=60', 'a=3; Path=/deep'])
  expect(cookies.list(url.href).map((cookie) => cookie.value)).toEqual(['2', '3'])
  now += 60_000
  expect(cookies.get(url.href, 'a')).toBe('3')
  cookies.clear()
  expect(cookies.list(url.href)).toEqual([])
})

test('a host name of a brand is reached where it is served', async () => {
  const { url, seen } = await serve((_, res) => res.end('<title>Acme</title>'))
  const page = await browser({ hosts: { 'login.acme.test': url } })
    .tab()
    .open('http://login.acme.test/login')
  expect([page.title, page.url.href, seen[0]!.headers.host]).toEqual([
    'Acme',
    'http://login.acme.test/login',
    'login.acme.test',
  ])
})

const SECRET = 'p@ss"word/öè+1'
const LEAKS: [form: string, line: string][] = [
  ['plain', `user ada, password ${SECRET}`],
  ['URL-encoded', `GET /?p=${encodeURIComponent(SECRET)}`],
  ['form-encoded', new URLSearchParams({ p: SECRET }).toString()],
  ['JSON', JSON.stringify({ password: SECRET })],
  ['hex', Buffer.from(SECRET).toString('hex')],
  ['upper-case hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ['base64', Buffer.from(SECRET).toString('base64')],
  ...['', 'a', 'ab'].flatMap((before): [string, string][] => [
    [`base64 behind "${before}"`, Buffer.from(`${before}${SECRET}: and more`).toString('base64')],
    [`base64url behind "${before}"`, Buffer.from(`${before}${SECRET}: and more`).toString('base64url')],
  ]),
]

for (const [form, line] of LEAKS) {
  test(`a sink finds a secret in the form ${form}, and does not repeat it`, () => {
    const sink = secretsSink()
    sink.learn('another secret')
    sink.learn(SECRET)
    sink.expectNone(['nothing here', ''])
    const check = () => sink.expectNone(['nothing here', line])
    expect(check).toThrow(/secret 2, .*, in line 2/)
    expect(check).not.toThrow(SECRET)
    expect(check).not.toThrow(line)
  })
}

test('a sink refuses a secret that is too short to be found', () => {
  expect(() => secretsSink().learn('12345')).toThrow('5 characters')
})
