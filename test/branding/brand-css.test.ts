import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { brandSchema, type Brand } from '../../server/branding/brand.ts'
import {
  brandCss,
  brandSheet,
  darkPalette,
  lightPalette,
  type Palette,
} from '../../server/branding/brand-css.ts'
import { contrast, fromOklch, luminance, toOklch } from '../../server/branding/color.ts'

const hex = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`)
const brand = (colours: Partial<Brand>): Brand => brandSchema.parse({ name: 'x', title: 'X', ...colours })
const anyBrand = fc
  .record({ primary_color: hex, background: hex, background_dark: hex }, { requiredKeys: ['primary_color'] })
  .map(brand)

type Name = keyof Palette

/** Which colour stands on which, and the least contrast WCAG 2.2 AA asks of the two. */
const PAIRS: [front: Name, back: Name, atLeast: number][] = [
  ['ink', 'surface', 4.5],
  ['ink', 'sunken', 4.5],
  ['ink-soft', 'surface', 4.5],
  ['ink-soft', 'sunken', 4.5],
  ['link', 'surface', 4.5],
  ['link', 'sunken', 4.5],
  ['page-ink', 'page', 4.5],
  ['page-ink-soft', 'page', 4.5],
  ['on-brand', 'brand', 4.5],
  ['on-brand', 'brand-hover', 4.5],
  ['on-panel', 'panel-1', 4.5],
  ['on-panel', 'panel-2', 4.5],
  ['on-panel', 'panel-3', 4.5],
  ['on-panel', 'panel-4', 4.5],
  ['focus', 'surface', 3],
  ['focus', 'sunken', 3],
  ['page-focus', 'page', 3],
  ['field-line', 'surface', 3],
  ['brand-edge', 'surface', 3],
]

const tooWeak = (palette: Palette): string[] =>
  PAIRS.filter(([front, back, atLeast]) => contrast(palette[front], palette[back]) < atLeast).map(
    ([front, back]) => `${front} ${palette[front]} on ${back} ${palette[back]}`,
  )

const expectReadable = (paletteOf: (brand: Brand) => Palette): void =>
  fc.assert(
    fc.property(anyBrand, (b) => {
      expect(tooWeak(paletteOf(b))).toEqual([])
    }),
    { numRuns: 1000 },
  )

describe('brand colours', () => {
  test('stay readable on light screens whatever the brand brings', () => expectReadable(lightPalette))

  test('stay readable on dark screens whatever the brand brings', () => expectReadable(darkPalette))

  test('keep the button of a light screen in exactly the colour of the brand', () => {
    fc.assert(
      fc.property(hex, (primary_color) => lightPalette(brand({ primary_color })).brand === primary_color),
    )
  })

  test('become CSS that holds nothing but custom properties with plain colours and lengths', () => {
    fc.assert(
      fc.property(anyBrand, (b) => {
        const css = brandCss(b).replaceAll(/--[a-z0-9-]+:(#[0-9a-f]{6}|\d+px)/g, '')
        expect(css.replaceAll(/[;\s]/g, '')).toBe(
          ':root{color-scheme:lightdark}@media(prefers-color-scheme:dark){:root{}}',
        )
      }),
    )
  })
})

describe('a brand sheet', () => {
  test('has an address that changes with its colours and with nothing else', () => {
    const one = brandSheet(brand({ primary_color: '#0b5fff' })).path
    expect(brandSheet(brand({ primary_color: '#0b5fff', title: 'Other' })).path).toBe(one)
    expect(brandSheet(brand({ primary_color: '#0b5ffe' })).path).not.toBe(one)
    expect(one).toMatch(/^\/brand\/x\.[0-9a-f]{12}\.css$/)
  })
})

describe('colour arithmetic', () => {
  test('agrees with the known ends of the WCAG scale', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 2)
    expect(luminance('#808080')).toBeCloseTo(0.2159, 3)
  })

  test('comes back to the same colour by way of OKLCH', () => {
    const channel = (colour: string, at: number) => Number.parseInt(colour.slice(1 + 2 * at, 3 + 2 * at), 16)
    fc.assert(
      fc.property(hex, (colour) => {
        const back = fromOklch(toOklch(colour))
        for (const at of [0, 1, 2]) expect(Math.abs(channel(back, at) - channel(colour, at))).toBeLessThan(4)
      }),
    )
  })
})
