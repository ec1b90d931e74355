import { load } from 'cheerio'
import { describe, expect, test } from 'vitest'
import { brandSchema } from '../../server/branding/brand.ts'
import type { LetterContent } from '../../server/branding/letter.ts'
import { createPost, type Addressee, type Reader } from '../../server/branding/post.ts'
import { loadLanguages } from '../../server/language/languages.ts'
import { createLog } from '../../server/platform/log.ts'
import type { Letter } from '../../server/platform/mail.ts'
import { lockLetter } from '../../server/signin/letters.ts'
import { views } from '../views/site.ts'
import { BRANDS } from '../views/states.ts'

const languages = loadLanguages()
const [acme, northwind] = [BRANDS[0]!, BRANDS[1]!]
const SALLY: Addressee = { email: 'sally@acme.test', preferredLocaleCode: null, localeCode: null }

function postOffice(send: (letter: Letter) => Promise<void> = async () => undefined) {
  const [sent, lines]: [Letter[], string[]] = [[], []]
  const post = createPost({
    mailer: { send: async (letter) => (await send(letter), void sent.push(letter)) },
    log: createLog('info', { write: (line) => void lines.push(line) }),
    languages,
    brands: async () => BRANDS,
    withPictures: (brand) => brand,
    addressOf: (asset) => `https://login.acme.test/static/${asset}`,
    render: (template, view) => views.render(template, view),
  })
  return { post, sent, lines }
}

async function written(write: () => LetterContent, to = SALLY, reader?: Reader): Promise<Letter> {
  const { post, sent } = postOffice()
  await post.send(to, write, reader)
  return sent[0]!
}

const HOSTILE = `"><script>alert(1)</script><img src=https://evil.test/x.png>{{7*7}}'`
const content = (text: string): LetterContent => ({
  subject: `Subject ${text}`,
  opening: `Opening ${text}`,
  paragraphs: [`Paragraph ${text}`],
  button: { text: `Button ${text}`, href: 'https://login.acme.test/reset?token=a&b=<c>"' },
})

describe('a letter', () => {
  test('is in the language of the person, in which the brand’s comes last', async () => {
    const { post, sent } = postOffice()
    for (const preferredLocaleCode of ['de', 'ar', null])
      await post.send({ ...SALLY, preferredLocaleCode }, lockLetter)
    expect(sent.map(({ subject }) => subject)).toEqual([
      'Die Anmeldung bei Ihrem Konto ist vorübergehend gesperrt',
      'تم إيقاف تسجيل الدخول إلى حسابكم مؤقتًا',
      'Signing in to your account is paused',
    ])
    expect(sent[1]!.html).toMatch(/<html lang="ar" dir="rtl">/)
  })

  test('looks and speaks like the page on which somebody asked for it', async () => {
    const { post, sent } = postOffice()
    await post.send({ ...SALLY, preferredLocaleCode: 'de' }, lockLetter, {
      brand: northwind,
      language: languages.fr,
    })
    expect(sent[0]!.subject).toBe('La connexion à votre compte est suspendue')
    expect(sent[0]!.html).toContain('https://login.acme.test/static/brand/northwind.svg')
    expect(sent[0]!.text).toContain('Northwind Traders')
  })

  test('says the same as HTML and as text', async () => {
    const { html, text } = await written(() => content('of today'))
    const $ = load(html!)
    const shown = $('body').text()
    for (const said of ['Opening of today', 'Paragraph of today', 'Button of today']) {
      expect(text).toContain(said)
      expect(shown).toContain(said)
    }
    expect($('h1').text()).toBe('Subject of today')
    expect(text).toContain(content('').button!.href)
    expect($('a').first().attr('href')).toBe(content('').button!.href)
  })

  test('shows a code large, and as part of a sentence in the text', async () => {
    const { html, text } = await written(() => ({
      ...content(''),
      opening: 'Your code is 123456',
      code: '123456',
    }))
    expect(load(html!)('.code').text()).toBe('123456')
    expect(text).toMatch(/^Your code is 123456\n/)
  })

  test('keeps hostile names inert', async () => {
    const tags = (html: string) => html.match(/<\/?[a-z][^>\s]*/gi)
    const usual = await written(() => content('x'))
    const brand = brandSchema.parse({ ...acme, title: HOSTILE })
    const hostile = await written(() => content(HOSTILE), SALLY, { brand, language: languages.en })
    expect(tags(hostile.html!)).toEqual(tags(usual.html!))
    expect(hostile.html).toContain('{{7*7}}')
  })

  test('loads nothing but the logo, from an address that is the same for everybody', async () => {
    const { html } = await written(() => content('x'))
    const loaded = [...html!.matchAll(/(?:src|background|url)\s*(?:=\s*"|\()([^")]+)/g)].map(([, url]) => url)
    expect(loaded).toEqual(['https://login.acme.test/static/brand/acme.svg'])
    expect(html).not.toMatch(/<script|<link|@import|<form/)
  })

  test('can be read in the colours of every brand', async () => {
    const brand = brandSchema.parse({
      name: 'y',
      title: 'Sunny',
      primary_color: '#ffd21f',
      background: '#000000',
    })
    const { html } = await written(() => content('x'), SALLY, { brand, language: languages.en })
    expect(html).toMatch(/class="button"[^>]*background:#ffd21f;color:#(?!fff)/)
    expect(html).toContain('Sunny')
  })
})

describe('a letter that is sent later', () => {
  test('keeps nobody waiting, and a mail server that refuses is in the log alone', async () => {
    const { post, lines } = postOffice(async () => Promise.reject(new Error('no thanks')))
    post.sendLater(SALLY, lockLetter)
    await expect.poll(() => lines.join()).toContain('letter not sent')
    expect(lines.join()).not.toContain('sally')
  })
})
