import { fileURLToPath } from 'node:url'

/** Where `views/` and `static/` are: `server/` lies beside them, or in `dist/` beside them when built. */
export const PACKAGE_ROOT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../..' : '../../..', import.meta.url),
)
