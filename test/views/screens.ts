import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { brandSchema } from '../../server/branding/brand.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import type { LanguageCode } from '../../server/language/language.ts'
import { startSite } from './site.ts'
import { LETTERS } from '../../cli/preview/letters.ts'
import { BRANDS, STATES } from './states.ts'

const WIDTHS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const
const SCHEMES = ['light', 'dark'] as const

/** A brand with nothing but a difficult colour, to see what the rules make of it. */
const PLAIN = brandSchema.parse({ name: 'plain', title: 'Sunny Side', primary_color: '#ffd21f' })

/** Pages by name, letters by where they are. */
const NAMES = [
  ...STATES.map(({ name }) => name),
  ...Object.keys(LETTERS).map((name) => `letters/${name}.html`),
]

interface Shot {
  brand: string
  scheme: (typeof SCHEMES)[number]
  size: keyof typeof WIDTHS
  locale: LanguageCode
}

async function shoot(
  browser: Browser,
  url: string,
  folder: string,
  { brand, scheme, size, locale }: Shot,
  only: string,
) {
  const options = { viewport: WIDTHS[size], colorScheme: scheme, reducedMotion: 'reduce' } as const
  await withPage(browser, options, async (page) => {
    for (const name of NAMES.filter((known) => known.includes(only))) {
      await page.goto(`${url}/${brand}/${name}?locale=${locale}`)
      const path = join(
        folder,
        `${name.replaceAll(/\/|\.html$/g, '-')}.${brand}.${scheme}.${size}.${locale}.png`,
      )
      await page.screenshot({ path, fullPage: true })
    }
  })
}

/** Every page in every state, brand, scheme and width as pictures, and in a long and a right-to-left language: `screens.ts [folder] [part of a state's name]`. */
async function main(folder = './screens', only = ''): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const [site, browser] = [await startSite({ brands: [PLAIN] }), await launchChromium()]
  const sizes = Object.keys(WIDTHS) as (keyof typeof WIDTHS)[]
  const shots = [...BRANDS, PLAIN].flatMap(({ name }) =>
    SCHEMES.flatMap((scheme) => sizes.map((size): Shot => ({ brand: name, scheme, size, locale: 'en' }))),
  )
  const translated = (['de', 'ar'] as const).flatMap((locale) =>
    sizes.map((size): Shot => ({ brand: BRANDS[0]!.name, scheme: 'light', size, locale })),
  )
  shots.push(...translated)
  await Promise.all(shots.map((shot) => shoot(browser, site.url, folder, shot, only)))
  await browser.close()
  await site.stop()
  console.log(`${shots.length * NAMES.filter((known) => known.includes(only)).length} pictures in ${folder}`)
}

await main(...process.argv.slice(2))
