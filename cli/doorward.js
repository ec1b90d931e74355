#!/usr/bin/env node
// The `doorward` command. Runs the built program; in a checkout that was never built, builds it first.
import { existsSync } from 'node:fs'

if (!existsSync(new URL('../dist/cli/main.js', import.meta.url))) {
  const { spawnSync } = await import('node:child_process')
  const { fileURLToPath } = await import('node:url')
  const root = fileURLToPath(new URL('..', import.meta.url))
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (built.status !== 0) process.exit(1)
}
const [first, second, ...rest] = process.argv.slice(2)
if (first !== 'aws') {
  await import('../dist/cli/main.js')
} else if (second !== 'credentials' || !(await import('../dist/cli/aws/fast.js')).printCached(rest)) {
  const { run } = await import('../dist/cli/aws/main.js')
  process.exitCode = await run(process.argv.slice(2))
}
