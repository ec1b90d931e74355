/** An opaque sRGB colour as `#rrggbb`, the only form in which colours enter and leave. */
export type Hex = string

/** Lightness 0 to 1, chroma 0 to about 0.37, hue in degrees: even steps look even to people. */
export interface Oklch {
  l: number
  c: number
  h: number
}

type Triple = readonly [number, number, number]

const channels = (hex: Hex): Triple => {
  const n = Number.parseInt(hex.slice(1), 16)
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255]
}
const toLinear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
const toGamma = (v: number): number => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055)
const linear = (hex: Hex): Triple => channels(hex).map(toLinear) as unknown as Triple

/** Relative luminance, WCAG 2.2. */
export function luminance(hex: Hex): number {
  const [r, g, b] = linear(hex)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Contrast ratio from 1 to 21, WCAG 2.2; the order does not matter. */
export function contrast(one: Hex, other: Hex): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

/** The OKLCH coordinates of a colour (the matrices are those of CSS Color 4 section 10.2). */
export function toOklch(hex: Hex): Oklch {
  const [r, g, b] = linear(hex)
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  return {
    l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    c: Math.hypot(a, bb),
    h: (Math.atan2(bb, a) * 180) / Math.PI,
  }
}

function linearOf({ l, c, h }: Oklch): Triple {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)]
  const x = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const y = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const z = (l - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
    -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z,
  ]
}

const inGamut = (rgb: Triple): boolean => rgb.every((v) => v > -0.0005 && v < 1.0005)

/** The most chroma, up to `color.c`, that a screen can show at this lightness and hue. */
function chromaInGamut({ l, c, h }: Oklch): number {
  if (inGamut(linearOf({ l, c, h }))) return c
  let [fits, tooMuch] = [0, c]
  while (tooMuch - fits > 0.001) {
    const middle = (fits + tooMuch) / 2
    if (inGamut(linearOf({ l, c: middle, h }))) fits = middle
    else tooMuch = middle
  }
  return fits
}

/** The nearest colour a screen can show: lightness and hue stay, chroma gives way. */
export function fromOklch(color: Oklch): Hex {
  const l = Math.min(1, Math.max(0, color.l))
  const c = chromaInGamut({ l, c: color.c, h: color.h })
  const byte = (v: number) => Math.round(Math.min(1, Math.max(0, toGamma(Math.max(0, v)))) * 255)
  return `#${linearOf({ l, c, h: color.h })
    .map((v) => byte(v).toString(16).padStart(2, '0'))
    .join('')}`
}

/** The same colour, `by` lighter (or darker when negative). */
export function lighter(hex: Hex, by: number): Hex {
  const color = toOklch(hex)
  return fromOklch({ ...color, l: color.l + by })
}

/** White where it can be read on every one of `backgrounds`, else black: one of the two always passes 4.5:1 on one. */
export function inkOn(...backgrounds: Hex[]): Hex {
  return backgrounds.every((bg) => contrast('#ffffff', bg) >= 4.5) ? '#ffffff' : '#000000'
}

/** The shade nearest to `hex` that reaches `ratio` on every one of `backgrounds`; black or white when none does. */
export function readable(hex: Hex, backgrounds: readonly Hex[], ratio: number): Hex {
  const passes = (candidate: Hex) => backgrounds.every((bg) => contrast(candidate, bg) >= ratio)
  if (passes(hex)) return hex
  const color = toOklch(hex)
  for (let step = 0.01; step <= 1; step += 0.01) {
    const shades = [color.l - step, color.l + step].filter((l) => l >= 0 && l <= 1)
    const found = shades.map((l) => fromOklch({ ...color, l })).find(passes)
    if (found) return found
  }
  return inkOn(...backgrounds)
}
