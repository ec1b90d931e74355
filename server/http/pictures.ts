import type { Brand } from '../branding/brand.ts'
import type { Log } from '../platform/log.ts'
import type { Assets } from './assets.ts'

/** A company's pictures, as far as they are there: a missing file costs a picture and never a page. */
export interface Pictures {
  /** The asset of a picture by its file name; empty when there is no name or no such file. */
  assetOf(file: string | null | undefined): string
  /** The brand with those of its pictures that are there. */
  brand(brand: Brand): Brand
}

/** Files are looked up by name among the assets that were read at the start; each missing one is told once. */
export function pictures(d: { assets: Pick<Assets, 'has'>; log: Pick<Log, 'warn'> }): Pictures {
  const told = new Set<string>()
  const shown = new WeakMap<Brand, Brand>()
  const isThere = (file: string): boolean => {
    if (d.assets.has(`brand/${file}`)) return true
    if (!told.has(file)) d.log.warn({ file }, 'no such picture in the brand folder; pages do without it')
    told.add(file)
    return false
  }
  const withPictures = ({ logo, logo_dark, icon, background_image, ...rest }: Brand): Brand => ({
    ...rest,
    ...(logo !== undefined && isThere(logo) && { logo }),
    ...(logo_dark !== undefined && isThere(logo_dark) && { logo_dark }),
    ...(icon !== undefined && isThere(icon) && { icon }),
    ...(background_image !== undefined && isThere(background_image) && { background_image }),
  })
  return {
    assetOf: (file) => (file && isThere(file) ? `brand/${file}` : ''),
    brand(brand) {
      const known = shown.get(brand) ?? withPictures(brand)
      shown.set(brand, known)
      return known
    },
  }
}
