#!/usr/bin/env node
// The `doorward` command. Runs the built program; in a checkout that was never built, builds it first.
import { existsSync } from 'node:fs'

if (!existsSync(new URL('../dist/doorward.js', import.meta.url))) await import('./build.js')
const [first, second, ...rest] = process.argv.slice(2)
if (first !== 'aws') {
  await import('../dist/doorward.js')
} else if (second !== 'credentials' || !(await import('../dist/aws-cached.js')).printCached(rest)) {
  const { run } = await import('../dist/aws.js')
  process.exitCode = await run(process.argv.slice(2))
}
