import type { Brand } from '../../server/branding/brand.ts'
import { startPreview } from '../../cli/preview/server.ts'
import { BRANDS } from '../../cli/preview/brands.ts'

/** Serves `/<brand>/<state>?locale=` with the real headers, the brands' sheets and the static files. */
export async function startSite(extra: Brand[] = []): Promise<{ url: string; stop: () => Promise<void> }> {
  const { url, stop } = await startPreview({ brands: [...BRANDS, ...extra], posts: true })
  return { url: `${url}/pages`, stop }
}
export { renderState, views } from '../../cli/preview/render.ts'
