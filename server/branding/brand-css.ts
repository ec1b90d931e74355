import { createHash } from 'node:crypto'
import type { Brand } from './brand.ts'
import { fromOklch, inkOn, lighter, readable, toOklch, type Hex } from './color.ts'

const TEXT = 4.5 // WCAG 2.2, 1.4.3
const SHAPE = 3 // WCAG 2.2, 1.4.11: borders of inputs, focus rings

/** Every colour a page may use, by the name of its custom property. */
export interface Palette {
  page: Hex
  'page-ink': Hex
  'page-ink-soft': Hex
  'page-focus': Hex
  surface: Hex
  sunken: Hex
  ink: Hex
  'ink-soft': Hex
  line: Hex
  'field-line': Hex
  link: Hex
  focus: Hex
  brand: Hex
  'brand-hover': Hex
  'brand-edge': Hex
  'on-brand': Hex
  'panel-1': Hex
  'panel-2': Hex
  'panel-3': Hex
  'panel-4': Hex
  'on-panel': Hex
  'panel-focus': Hex
}

type Tint = (l: number, maxChroma: number) => Hex

/** Greys with a breath of the brand's hue in them. */
const tintOf = (primary: Hex): Tint => {
  const { c, h } = toOklch(primary)
  return (l, maxChroma) => fromOklch({ l, c: Math.min(c, maxChroma), h })
}

/** Four tones from deep to the brand's own; the ink that reads on the last reads on all. */
function panelTones(deep: Hex, full: Hex): Pick<Palette, 'panel-1' | 'panel-2' | 'panel-3' | 'panel-4'> {
  const [from, to] = [toOklch(deep), toOklch(full)]
  const tone = (share: number) =>
    fromOklch({ l: from.l + (to.l - from.l) * share, c: from.c + (to.c - from.c) * share, h: to.h })
  return { 'panel-1': deep, 'panel-2': tone(0.33), 'panel-3': tone(0.66), 'panel-4': full }
}

function onPage(page: Hex, primary: Hex) {
  const ink = inkOn(page)
  return {
    page,
    'page-ink': readable(ink === '#ffffff' ? '#eceef2' : '#15181e', [page], 7),
    'page-ink-soft': readable(ink === '#ffffff' ? '#aab1bf' : '#555d6b', [page], TEXT),
    'page-focus': readable(primary, [page], SHAPE),
  }
}

function onSurface(surface: Hex, sunken: Hex, primary: Hex) {
  return {
    surface,
    sunken,
    link: readable(primary, [surface, sunken], TEXT),
    focus: readable(primary, [surface, sunken], SHAPE),
    'brand-edge': readable(primary, [surface], SHAPE),
  }
}

/** A button in `color`: its ink, and a hover shade that reads no worse. */
function button(color: Hex) {
  const ink = inkOn(color)
  return {
    brand: color,
    'on-brand': ink,
    'brand-hover': lighter(color, ink === '#ffffff' ? -0.06 : 0.06),
  }
}

function panel(tones: Pick<Palette, 'panel-1' | 'panel-2' | 'panel-3' | 'panel-4'>) {
  const ink = inkOn(...Object.values(tones))
  return { ...tones, 'on-panel': ink, 'panel-focus': ink }
}

/** The colours of a page on a light screen. The brand's own colour is used as it is; only what must be read moves. */
export function lightPalette(brand: Brand): Palette {
  const primary = brand.primary_color
  const tint = tintOf(primary)
  const deep = inkOn(primary) === '#ffffff' ? lighter(primary, -0.12) : primary
  const full = inkOn(primary) === '#ffffff' ? primary : lighter(primary, 0.08)
  return {
    ...onPage(brand.background ?? tint(0.972, 0.01), primary),
    ...onSurface('#ffffff', tint(0.965, 0.008), primary),
    ink: tint(0.21, 0.02),
    'ink-soft': readable(tint(0.48, 0.02), ['#ffffff', tint(0.965, 0.008)], TEXT),
    line: tint(0.905, 0.01),
    'field-line': readable(tint(0.66, 0.02), ['#ffffff'], SHAPE),
    ...button(primary),
    ...panel(panelTones(deep, full)),
  }
}

/** The colours of a page on a dark screen, where a deep brand colour is lifted until it stands out. */
export function darkPalette(brand: Brand): Palette {
  const primary = brand.primary_color
  const tint = tintOf(primary)
  const [surface, sunken] = [tint(0.225, 0.016), tint(0.275, 0.018)]
  const { c, h } = toOklch(primary)
  const deep = fromOklch({ l: 0.26, c: Math.min(c, 0.09), h })
  const full = readable(fromOklch({ l: 0.47, c: Math.min(c, 0.18), h }), ['#ffffff'], TEXT)
  return {
    ...onPage(brand.background_dark ?? tint(0.17, 0.014), primary),
    ...onSurface(surface, sunken, primary),
    ink: tint(0.95, 0.008),
    'ink-soft': readable(tint(0.74, 0.015), [surface, sunken], TEXT),
    line: tint(0.335, 0.018),
    'field-line': readable(tint(0.56, 0.02), [surface], SHAPE),
    ...button(readable(primary, [surface], SHAPE)),
    ...panel(panelTones(deep, full)),
  }
}

const declarations = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]: [string, Hex]) => `--${name}:${value}`)
    .join(';')

/** How round fields and buttons, and cards, are. */
const CORNERS: Record<Brand['corners'], string> = {
  sharp: '--radius:2px;--radius-large:4px',
  rounded: '--radius:10px;--radius-large:18px',
  round: '--radius:24px;--radius-large:32px',
}

/** A brand as CSS custom properties for light and dark screens, readable whatever colours the brand brought. */
export function brandCss(brand: Brand): string {
  return [
    `:root{color-scheme:light dark;${CORNERS[brand.corners]};${declarations(lightPalette(brand))}}`,
    `@media (prefers-color-scheme:dark){:root{${declarations(darkPalette(brand))}}}`,
    '',
  ].join('\n')
}

/** A brand's stylesheet and where it is served; the address changes with the content, so it may be cached for ever. */
export interface BrandSheet {
  path: string
  css: string
  hash: string
}

const MAX_SHEETS = 500
const sheets = new Map<string, BrandSheet>() // by all that a sheet depends on, so it can never be stale

/** The stylesheet of a brand, worked out once for each set of colours. */
export function brandSheet(brand: Brand): BrandSheet {
  const { name, corners, primary_color, background = '', background_dark = '' } = brand
  const key = [name, corners, primary_color, background, background_dark].join(' ')
  const known = sheets.get(key)
  if (known) return known
  const css = brandCss(brand)
  const hash = createHash('sha256').update(css).digest('hex').slice(0, 12)
  const sheet = { css, hash, path: `/brand/${brand.name}.${hash}.css` }
  if (sheets.size >= MAX_SHEETS) sheets.clear()
  sheets.set(key, sheet)
  return sheet
}

/** A brand's own CSS, which comes after everything else; it was checked when it was imported. */
export function customSheet({ name, custom_css: css }: Brand): BrandSheet | undefined {
  if (css === undefined) return undefined
  const hash = createHash('sha256').update(css).digest('hex').slice(0, 12)
  return { css, hash, path: `/brand/${name}.own.${hash}.css` }
}

/** Where pages find a brand's stylesheet: `/brand/<name>.<hash>.css`. */
export const brandSheetPath = (brand: Brand): string => brandSheet(brand).path
