import type { Brand } from '../../server/branding/brand.ts'
import { startPreview } from '../../cli/preview/server.ts'
import { BRANDS } from '../../cli/preview/brands.ts'

interface SiteOptions {
  /** Beside those of the preview. */
  brands?: Brand[]
  /** Whether a page that posts itself does so. */
  posts?: boolean
}

/** Serves `/<brand>/<state>?locale=` with the real headers, the brands' sheets and the static files. */
export async function startSite(
  options: SiteOptions = {},
): Promise<{ url: string; stop: () => Promise<void> }> {
  const brands = [...BRANDS, ...(options.brands ?? [])]
  const { url, stop } = await startPreview({ brands, posts: options.posts ?? false })
  return { url: `${url}/pages`, stop }
}
export { renderState, views } from '../../cli/preview/render.ts'
