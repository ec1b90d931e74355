import { z } from 'zod'
import { LANGUAGES } from '../language/language.ts'

const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'must be one line of text')
const hexColor = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, 'must look like #0b5fff')
  .toLowerCase()
const assetName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9._-]*\.(svg|png|webp|jpg)$/, 'must be the name of an svg, png, webp or jpg file')

const isLink = (text: string): boolean =>
  URL.canParse(text) && ['https:', 'mailto:'].includes(new URL(text).protocol)
const link = z.string().max(500).refine(isLink, 'must be an https: or mailto: address')

/** What a brand may word itself. */
const textsSchema = z.strictObject({
  tagline: line(140).optional(),
  support_text: line(80).optional(),
  login_heading: line(60).optional(),
  login_lead: line(140).optional(),
  login_label: line(60).optional(),
  /** A sentence under the form of the sign-in page. */
  login_note: line(300).optional(),
})

/** One brand of the directory document. Files are names, never paths; colours are checked, never CSS. */
export const brandSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens'),
  default: z.boolean().default(false),
  hosts: z.array(z.string().min(1).max(253).toLowerCase()).max(100).default([]),
  title: line(80),
  logo: assetName.optional(),
  /** Shown instead of `logo` on dark screens; without it `logo` stands on a light plate there. */
  logo_dark: assetName.optional(),
  /** A square picture for the browser's tab. */
  icon: assetName.optional(),
  primary_color: hexColor.default('#1f5eff'),
  background: hexColor.optional(),
  background_dark: hexColor.optional(),
  /** Beside the form on wide screens, under a veil of the brand's colour, so that the tagline reads well. */
  background_image: assetName.optional(),
  corners: z.enum(['sharp', 'rounded', 'round']).default('rounded'),
  /** The sign-in page asks who it is first, and for the password on a page of its own. */
  identifier_first: z.boolean().default(false),
  tagline: line(140).optional(),
  support_url: link.optional(),
  support_text: line(80).optional(),
  footer_links: z
    .array(z.strictObject({ text: line(60), url: link }))
    .max(6)
    .default([]),
  /** The brand's own words by language; what is not given is said as everywhere. */
  texts: z.partialRecord(z.enum(LANGUAGES), textsSchema).default({}),
  /** Checked by `custom-css.ts` when it is imported. */
  custom_css: z.string().max(20_000).optional(),
  /** Apps, by id, that lead to this brand's sign-in page. */
  apps: z.array(z.int().positive()).max(1000).default([]),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .default('en'),
})

/** How a company's pages look, with every default filled in. */
export type Brand = z.output<typeof brandSchema>

/** What the pages look like when nobody has said anything. */
export const doorwardBrand: Brand = brandSchema.parse({
  name: 'doorward',
  title: 'Doorward',
  logo: 'doorward.svg',
  logo_dark: 'doorward-dark.svg',
  tagline: 'One front door for everything you work with.',
})

const hostName = (host: string): string => host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')

/** The brand of an app's sign-in page, unless the host has one of its own. */
export const brandOfApp = (brands: readonly Brand[], appId: number): Brand | undefined =>
  brands.find(({ apps }) => apps.includes(appId))

/** Which brand a request sees: by the host it asked for, then by `?brand=`, then the default, then Doorward's own. */
export function pickBrand(
  brands: readonly Brand[],
  asked: { host?: string | undefined; query?: string | undefined },
): Brand {
  const host = asked.host === undefined ? undefined : hostName(asked.host)
  return (
    brands.find((brand) => brand.hosts.some((known) => hostName(known) === host)) ??
    brands.find((brand) => brand.name === asked.query) ??
    brands.find((brand) => brand.default) ??
    doorwardBrand
  )
}
