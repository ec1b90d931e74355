import { z } from 'zod'

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
  tagline: line(140).optional(),
  support_url: link.optional(),
  support_text: line(80).optional(),
  footer_links: z
    .array(z.strictObject({ text: line(60), url: link }))
    .max(6)
    .default([]),
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
