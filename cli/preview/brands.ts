import { brandSchema, doorwardBrand, type Brand } from '../../server/branding/brand.ts'
import { readBrands } from './brand-file.ts'

/** The two companies of the demo. */
export const BRANDS: Brand[] = [
  brandSchema.parse({
    name: 'acme',
    default: true,
    title: 'Acme',
    logo: 'acme.svg',
    logo_dark: 'acme-dark.svg',
    icon: 'acme-icon.svg',
    primary_color: '#0b5fff',
    background: '#f5f7fa',
    tagline: 'Good tools for people who make things.',
    support_url: 'https://help.acme.test/',
    support_text: 'Help with signing in',
    footer_links: [{ text: 'Privacy', url: 'https://acme.test/privacy' }],
  }),
  brandSchema.parse({
    name: 'northwind',
    title: 'Northwind Traders',
    logo: 'northwind.svg',
    logo_dark: 'northwind-dark.svg',
    icon: 'northwind-icon.svg',
    primary_color: '#0e6b5c',
    background: '#f6f4ee',
    tagline: 'From every harbour to every table.',
    support_url: 'mailto:help@northwind.test',
    footer_links: [
      { text: 'Privacy', url: 'https://northwind.test/privacy' },
      { text: 'Imprint', url: 'https://northwind.test/imprint' },
    ],
  }),
]

/** What the preview shows: the brands of a document, else those of the demo and Doorward's own. */
export async function previewBrands(path: string | undefined): Promise<Brand[]> {
  return path === undefined ? [...BRANDS, doorwardBrand] : readBrands(path)
}
