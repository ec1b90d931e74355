import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createViews } from '../../server/http/views.ts'

const read = (bytes: string) => Buffer.from(bytes, 'latin1').toString()

const FORM = '<h1>{{ view.title }}</h1><input name="_csrf" value="{{ view.csrf }}"><p>{{ view.lead }}</p>'

const TEXTS = { title: 'T', lead: 'L' }

function viewsOf(templates: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'doorward-views-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [name, text] of Object.entries(templates)) writeFileSync(join(root, name), text)
  return createViews({ root, asset: (name) => `/static/${name}` })
}

test('a shared page is the page that would be rendered anew, for each token, title and template', () => {
  const views = viewsOf({ 'a.njk': FORM, 'b.njk': `${FORM}!` })
  const shared = ['<First>', '二番目 – ثانيًا 🚪'].map((title) => ({ title, lead: 'Come in' }))
  for (let visit = 0; visit < 20; visit++) {
    const view = shared[visit % 2]!
    const csrf = `Token-${visit}_x`
    for (const template of ['a.njk', 'b.njk'])
      expect(read(views.renderShared(template, view, csrf))).toBe(views.render(template, { ...view, csrf }))
  }
})

test('a shared page holds the token of whoever asks and nobody else’s', () => {
  const views = viewsOf({ 'a.njk': FORM })
  const [ours, theirs] = ['ours', 'theirs'].map((csrf) => views.renderShared('a.njk', TEXTS, csrf))
  expect(ours).toContain('value="ours"')
  expect(theirs).toContain('value="theirs"')
  expect(theirs).not.toContain('ours"><p>')
})

test('a shared page whose view-model lacks something is a fault the second time as well', () => {
  const views = viewsOf({ 'a.njk': FORM })
  const nothing = {}
  for (let i = 0; i < 2; i++) expect(() => views.renderShared('a.njk', nothing, 'x')).toThrow()
})
