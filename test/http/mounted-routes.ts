import { createApp } from '../../server/app.ts'
import type { Context } from '../../server/context.ts'

export interface MountedRoute {
  method: string
  path: string
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean> }
  handle?: { stack?: Layer[] }
}

/** Every route that the server has mounted, read from Express itself, so that no new one is forgotten. */
export function mountedRoutes(ctx: Context): MountedRoute[] {
  const { router } = createApp(ctx) as unknown as { router: { stack: Layer[] } }
  const found = new Map<string, MountedRoute>()
  for (const route of routesIn(router.stack)) found.set(`${route.method} ${route.path}`, route)
  return [...found.values()]
}

const routesIn = (stack: readonly Layer[]): MountedRoute[] =>
  stack.flatMap(({ route, handle }) => [
    ...Object.keys(route?.methods ?? {}).map((method) => ({
      method: method.toUpperCase(),
      path: route!.path,
    })),
    ...routesIn(handle?.stack ?? []),
  ])
