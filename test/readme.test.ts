import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SETTINGS } from '../server/config.ts'

const README = 'README.md'
const BLOCK = /(<!-- settings:[^\n]*-->\n)[^]*?(<!-- \/settings -->)/

const settingsTable = (): string =>
  [
    '| name | default | meaning |',
    '| --- | --- | --- |',
    ...Object.entries(SETTINGS).map(([name, s]) => `| \`${name}\` | ${s.shownDefault} | ${s.means} |`),
    '',
  ].join('\n')

test('README has the settings that the program reads, no more and no less', () => {
  const text = readFileSync(README, 'utf8')
  const fresh = text.replace(BLOCK, (_all, open: string, end: string) => `${open}${settingsTable()}${end}`)
  if (process.env.UPDATE_DOCS) writeFileSync(README, fresh)
  else expect(text).toBe(fresh)
})

test.each(['README.md', 'docs/architecture.md', 'docs/CHANGELOG.md'])(
  '%s links only to files that are there',
  (file) => {
    const folder = file.includes('/') ? 'docs/' : ''
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      (m) => folder + m[1]!,
    )
    expect(links.filter((link) => !existsSync(link))).toEqual([])
  },
)

test('docs/architecture.md names only files that are there', () => {
  const text = readFileSync('docs/architecture.md', 'utf8')
  const rooms = 'signin|factors|http|directory|saml|account|platform|pending|oauth|branding|events'
  const named = [...text.matchAll(new RegExp(`\`((?:${rooms})/[\\w./-]+\\.ts)\``, 'g'))].map(
    (m) => `server/${m[1]!}`,
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((file) => !existsSync(file))).toEqual([])
})
