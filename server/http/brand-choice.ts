import type { Request, Response } from 'express'
import type { Brand } from '../branding/brand.ts'

const COOKIE = 'doorward_brand'
const CHOSEN = /(?:^|;\s*)doorward_brand=([a-z0-9-]{1,63})(?:;|$)/

interface BrandChoiceDeps {
  brandFor(host: string | undefined, asked: unknown): Promise<Brand>
  secure: boolean
}

/** The brand a request sees: by host, then by `?brand=`, which is remembered for the pages that follow, then the default. */
export async function brandOf(d: BrandChoiceDeps, req: Request, res: Response): Promise<Brand> {
  const before = CHOSEN.exec(req.headers.cookie ?? '')?.[1]
  const asked = req.query.brand ?? before
  const brand = await d.brandFor(req.headers.host, asked)
  if (brand.name === asked && asked !== before) {
    res.cookie(COOKIE, brand.name, { path: '/', httpOnly: true, sameSite: 'lax', secure: d.secure })
  }
  return brand
}
