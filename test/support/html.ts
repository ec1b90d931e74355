import { type CheerioAPI, load } from 'cheerio'
import { type CookieJar, cookieJar } from './cookie-jar.ts'
import { type Form, formIn } from './html-form.ts'
import { type Reply, exchange } from './http-exchange.ts'

/** A small browser without scripts: what a person can do with a page, and the headers a browser would send. */
export interface Browser {
  cookies: CookieJar
  /** Opens a tab. All tabs share the cookies. */
  tab(): Tab
}

export interface Tab {
  /** Goes to an address as if it were typed. */
  open(url: string): Promise<Page>
  /** The page that is shown. */
  readonly page: Page
}

export interface Page {
  url: URL
  status: number
  headers: Headers
  body: string
  title: string
  /** What can be read on it: no scripts, no styles, white space as one space. */
  text: string
  /** cheerio's view of it, for everything else. */
  $: CheerioAPI
  /** Every address that led here by redirect, first the one that was asked for. */
  hops: string[]
  /** The one form that fits. Fails when there is none or more than one. */
  form(selector?: string): Form
  /** What a script of the page could send in a form of its own. */
  send(path: string, fields: Record<string, string>): Promise<Page>
  /** Follows the one link with this text. */
  click(text: string): Promise<Page>
}

/** Where a navigation goes, from which page, and with which body. */
export interface Navigation {
  url: URL
  method: 'GET' | 'POST'
  body?: URLSearchParams | FormData
  from?: Page
}

export interface BrowserOptions {
  /** Host names that are served elsewhere, e.g. `{ 'login.acme.test': 'http://127.0.0.1:4000' }`. */
  hosts?: Record<string, string>
  headers?: Record<string, string>
  /** The certificate authority to believe, for https. */
  ca?: string
  now?: () => number
  /** How many redirects it follows before it gives up. 0 shows the redirect itself. */
  redirects?: number
}

export function browser(options: BrowserOptions = {}): Browser {
  const cookies = cookieJar(options.now)
  return { cookies, tab: () => tabOf(cookies, options) }
}

function tabOf(cookies: CookieJar, options: BrowserOptions): Tab {
  let shown: Page | undefined
  const go = async (navigation: Navigation): Promise<Page> => {
    shown = await navigate(navigation, cookies, options, go)
    return shown
  }
  return {
    open: (url) => go({ url: new URL(url), method: 'GET' }),
    get page() {
      if (shown === undefined) throw new Error('the tab has opened nothing yet')
      return shown
    },
  }
}

type Go = (navigation: Navigation) => Promise<Page>

async function navigate(
  first: Navigation,
  cookies: CookieJar,
  options: BrowserOptions,
  go: Go,
): Promise<Page> {
  const hops: URL[] = []
  let navigation = first
  for (;;) {
    hops.push(navigation.url)
    const response = await request(navigation, hops, cookies, options)
    cookies.receive(navigation.url, response.headers.getSetCookie())
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (location === null || options.redirects === 0) return pageOf(navigation.url, response, hops, go)
    if (hops.length > (options.redirects ?? 20)) throw new Error(`too many redirects: ${hops.join(' -> ')}`)
    navigation = redirected(navigation, response.status, location)
  }
}

function redirected(navigation: Navigation, status: number, location: string): Navigation {
  const url = new URL(location, navigation.url)
  if (url.hash === '') url.hash = navigation.url.hash
  const keepsMethod = status === 307 || status === 308
  if (keepsMethod) return { ...navigation, url }
  return { url, method: 'GET', ...(navigation.from && { from: navigation.from }) }
}

function request(
  navigation: Navigation,
  hops: URL[],
  cookies: CookieJar,
  options: BrowserOptions,
): Promise<Reply> {
  const { url, method, from, body } = navigation
  const cookie = cookies.header({ url, method, sameSite: relation(from?.url, hops) !== 'cross-site' })
  const served = options.hosts?.[url.hostname]
  const headers = {
    accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
    'accept-language': 'en',
    'sec-fetch-site': relation(from?.url, hops),
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'sec-fetch-user': '?1',
    ...(cookie && { cookie }),
    ...originHeader(navigation, hops),
    ...refererHeader(navigation),
    ...(served !== undefined && { host: url.host }),
    ...options.headers,
  }
  const address = served === undefined ? url : new URL(url.pathname + url.search, served)
  return exchange(address, { method, headers, ...(body && { body }), ...(options.ca && { ca: options.ca }) })
}

type Relation = 'none' | 'same-origin' | 'same-site' | 'cross-site'

/** Fetch Metadata, 2.3: the farthest of all hops from the page that asks. */
function relation(from: URL | undefined, hops: URL[]): Relation {
  if (from === undefined) return 'none'
  if (hops.every((hop) => hop.origin === from.origin)) return 'same-origin'
  return hops.every((hop) => site(hop) === site(from)) ? 'same-site' : 'cross-site'
}

/** Scheme and registrable domain, which is good enough as the last two labels of a test's host names. */
const site = ({ protocol, hostname }: URL): string =>
  /^[\d.]+$|^\[/.test(hostname)
    ? `${protocol}${hostname}`
    : `${protocol}${hostname.split('.').slice(-2).join('.')}`

const referrerPolicy = (page: Page): string =>
  page.headers.get('referrer-policy')?.split(',').at(-1)?.trim() ?? 'strict-origin-when-cross-origin'

/** Fetch, 3.2: sent with every POST, and `null` where the page's referrer policy or a foreign redirect hides it. */
function originHeader({ method, from, url }: Navigation, hops: URL[]): Record<string, string> {
  if (method === 'GET') return {}
  if (from === undefined) return { origin: 'null' }
  const policy = referrerPolicy(from)
  const foreign = url.origin !== from.url.origin
  const passedOn = hops.some((hop, i) => i < hops.length - 1 && hop.origin !== from.url.origin)
  const hidden =
    policy === 'no-referrer' ||
    (policy === 'same-origin' && foreign) ||
    passedOn ||
    isDowngrade(from.url, url)
  return { origin: hidden ? 'null' : from.url.origin }
}

function refererHeader({ from, url }: Navigation): Record<string, string> {
  if (from === undefined) return {}
  const policy = referrerPolicy(from)
  const foreign = url.origin !== from.url.origin
  if (policy === 'no-referrer' || (policy === 'same-origin' && foreign) || isDowngrade(from.url, url))
    return {}
  const whole = new URL(from.url)
  whole.hash = ''
  const short = policy === 'origin' || policy === 'strict-origin' || (foreign && policy !== 'unsafe-url')
  return { referer: short ? `${from.url.origin}/` : whole.href }
}

const isDowngrade = (from: URL, to: URL): boolean => from.protocol === 'https:' && to.protocol !== 'https:'

function pageOf(url: URL, response: Reply, hops: URL[], go: Go): Page {
  const { body } = response
  const isHtml = (response.headers.get('content-type') ?? '').includes('html')
  const $ = load(isHtml ? body : '')
  const page: Page = {
    url,
    status: response.status,
    headers: response.headers,
    body,
    title: squeezed($('title').first().text()),
    text: isHtml ? textOf($) : body,
    $,
    hops: hops.map((hop) => hop.href),
    form: (selector = 'form') => formIn(page, selector, go),
    send: (path, fields) =>
      go({ url: new URL(path, url), method: 'POST', body: new URLSearchParams(fields), from: page }),
    click: (text) => go({ url: linkIn(page, text), method: 'GET', from: page }),
  }
  return page
}

const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim()

function textOf($: CheerioAPI): string {
  const copy = $('body').clone()
  copy.find('script, style, template, noscript, [hidden]').remove()
  copy.find('br, p, div, li, td, th, h1, h2, h3, label, option, button, dt, dd').after(' ')
  return squeezed(copy.text())
}

function linkIn(page: Page, text: string): URL {
  const links = page.$('a[href]').filter((_, link) => squeezed(page.$(link).text()) === text)
  if (links.length !== 1)
    throw new Error(`${links.length} links "${text}" on ${page.url.pathname}: ${page.text.slice(0, 500)}`)
  return new URL(links.attr('href')!, page.url)
}
