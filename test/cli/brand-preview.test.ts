import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as cheerio from 'cheerio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBrands } from '../../cli/preview/brand-file.ts'
import { previewBrands } from '../../cli/preview/brands.ts'
import { LETTERS } from '../../cli/preview/letters.ts'
import { startPreview } from '../../cli/preview/server.ts'
import { STATES } from '../../cli/preview/states.ts'

let preview: Awaited<ReturnType<typeof startPreview>>
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preview-'))
  await writeFile(
    join(folder, 'acme.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg"><title>ours</title></svg>',
  )
  preview = await startPreview({ brands: await previewBrands(undefined), pictureFolder: folder })
})
afterAll(() => preview.stop())

const get = async (path: string) => {
  const answer = await fetch(preview.url + path)
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

describe('doorward brand preview', () => {
  test('lists every state and letter, and each link keeps what else was chosen', async () => {
    const $ = cheerio.load((await get('/?show=forgot&brand=northwind&locale=de&scheme=dark&size=phone')).text)
    const links = $('.preview-states a')
      .toArray()
      .map((a) => new URL($(a).attr('href')!, preview.url))
    expect(links.map((url) => url.searchParams.get('show'))).toEqual([
      ...STATES.map(({ name }) => name),
      ...Object.keys(LETTERS).flatMap((name) => [`letters/${name}.html`, `letters/${name}.txt`]),
    ])
    const kept = { brand: 'northwind', locale: 'de', scheme: 'dark', size: 'phone' }
    for (const url of links) expect(Object.fromEntries(url.searchParams)).toMatchObject(kept)
    expect($('iframe').attr('src')).toBe('/pages/northwind/forgot?locale=de&scheme=dark')
    expect(
      $('[aria-current]')
        .toArray()
        .map((a) => $(a).text()),
    ).toEqual(['forgot', 'Northwind Traders', 'de', 'dark', 'phone'])
  })

  test('shows every letter as HTML and as text, in the language and brand that is asked for', async () => {
    for (const name of Object.keys(LETTERS)) {
      const html = await get(`/pages/northwind/letters/${name}.html?locale=ar`)
      expect([name, html.status, html.text.includes('dir="rtl"')]).toEqual([name, 200, true])
      const text = await get(`/pages/northwind/letters/${name}.txt?locale=en`)
      expect([text.status, text.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
      expect(text.text).toContain('Northwind')
    }
  })

  test('holds page and styles to the light or the dark that is asked for', async () => {
    const page = (await get('/pages/acme/login-plain?scheme=dark')).text
    expect(page).not.toContain('prefers-color-scheme')
    const sheets = [...page.matchAll(/rel="stylesheet" href="([^"]+)"/g)].map(([, href]) => href!)
    expect(sheets.length).toBeGreaterThanOrEqual(2)
    for (const sheet of sheets) {
      const { status, text } = await get(sheet)
      expect([sheet, status, text.includes('prefers-color-scheme')]).toEqual([sheet, 200, false])
    }
    expect((await get(sheets[0]!)).text).toContain('@media (min-width: 0)')
    expect((await get(sheets[0]!.replace('dark', 'light'))).text).toContain('@media (max-width: 0)')
  })

  test('sends the policy of the real server, and lets only itself frame a page', async () => {
    const policy = (await get('/pages/acme/login-plain')).headers.get('content-security-policy')
    expect(policy).toMatch(
      /default-src 'none'; script-src 'self'; style-src 'self';.* frame-ancestors 'self'/,
    )
  })

  test("takes a company's own picture before the demo's", async () => {
    expect((await get('/static/brand/acme.svg')).text).toContain('ours')
  })

  test.each([
    '/pages/nobody/login-plain',
    '/pages/acme/nothing',
    '/pages/acme/letters/constructor.html',
    '/pages/acme/letters/code.pdf',
    '/static/..%2fpackage.json',
    '/static/brand/..%2f..%2fpackage.json',
    '/static/js',
    '/%zz',
    '/brand/acme.000000000000.css',
  ])('has nothing at %s', async (path) => expect((await get(path)).status).toBe(404))
})

describe('--brand-file', () => {
  const read = async (text: string) => {
    const path = join(folder, 'document')
    await writeFile(path, text)
    return readBrands(path)
  }

  test('takes the brands of a directory document, JSON or YAML, and nothing else of it', async () => {
    const yaml = 'users:\n  - { email: not one }\nbrands:\n  - { name: blue, title: Blue, logo: null }\n'
    expect(await read(yaml)).toMatchObject([{ name: 'blue', title: 'Blue', corners: 'rounded' }])
    const json = {
      brands: [
        { name: 'a', title: 'A' },
        { name: 'b', title: 'B' },
      ],
    }
    expect((await read(JSON.stringify(json))).map(({ name }) => name)).toEqual(['a', 'b'])
  })

  test.each([
    [
      'brands: [{ name: Blue, title: Blue, colour: red }]',
      /\$\.brands\[0\]\.name must .*\n\$\.brands\[0\]\.colour is not/,
    ],
    ['brands: [{ name: a, title: A, custom_css: "@import url(x);" }]', /\$\.brands\[0\]\.custom_css: line 1/],
    ['brands: blue', /\$\.brands must be a list/],
    ['users: []', /\$\.brands is missing/],
    ['brands: []', /\$\.brands is missing/],
    ['{', /\$/],
  ])('refuses %j as an import would, with where it is wrong', (text, complaint) =>
    expect(read(text)).rejects.toThrow(complaint),
  )
})
