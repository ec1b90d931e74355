import { z } from 'zod'
import { Problem } from '../errors.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import type { RequestFacts } from '../http/request.ts'
import { brandSheet, customSheet } from './brand-css.ts'
import type { Brand } from './brand.ts'

const params = z.looseObject({ file: z.string().regex(/^[a-z0-9-]{1,63}(\.own)?\.[0-9a-f]{12}\.css$/) })

/** A brand's colours as a stylesheet, under an address that changes with it. */
export const brandRoutes = (d: { brands(): Promise<Brand[]> }): Route<RequestFacts>[] => [
  endpoint({
    method: 'get',
    path: '/brand/:file',
    guard: anybody,
    csrf: 'none', // no cookie on what everybody may keep
    input: { params },
    async handle({ params: { file } }) {
      const sheet = (await d.brands())
        .flatMap((brand) => [brandSheet(brand), customSheet(brand) ?? []].flat())
        .find(({ path }) => path === `/brand/${file}`)
      if (!sheet) throw new Problem('not_found')
      return {
        body: sheet.css,
        type: 'text/css',
        headers: { 'Cache-Control': 'public, max-age=31536000, immutable' },
      }
    },
  }),
]
