import express from 'express'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { browserSessions } from '../../server/http/browser-session.ts'
import { csrf } from '../../server/http/csrf.ts'
import { knownBrowsers } from '../../server/http/known-browser.ts'
import { mountPages } from '../../server/http/page-surface.ts'
import { pictures } from '../../server/http/pictures.ts'
import { lastResort } from '../../server/http/surface.ts'
import { startApp, type TestApp } from '../support/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

test('a page is styled and says nothing of the fault when the database is gone, brands and all', async () => {
  const here = await startApp()
  onTestFinished(() => here.close())
  await here.ctx.db.schema.alterTable('brands').renameTo('brandsAway').execute()
  here.clock.advance(60)
  const reply = await here.call('GET', '/login')
  expect([reply.status, reply.text.includes('Something went wrong on our side</h1>')]).toEqual([500, true])
  expect(reply.text).not.toMatch(/brands|SQL|node_modules/)
  await here.ctx.db.schema.alterTable('brandsAway').renameTo('brands').execute()
})

test('a request is answered even when the error page itself fails', async () => {
  const fails = () => {
    throw new Error('this template is broken')
  }
  const views = { render: fails, renderShared: fails }
  const assets = { has: () => true }
  const surface = {
    ...app.ctx,
    views,
    pictures: pictures({ assets, log: app.ctx.log }),
    sessions: browserSessions(app.ctx),
    sessionName: 'doorward',
    csrf: csrf(app.ctx),
    knownBrowsers: knownBrowsers(app.ctx),
  }
  const server = await new Promise<Server>((resolve) => {
    const broken = express()
    mountPages(broken, surface, [])
    const running = broken.use(lastResort(app.ctx.log)).listen(0, '127.0.0.1', () => resolve(running))
  })
  onTestFinished(() => void server.close())
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/nowhere`)
  expect([reply.status, await reply.text()]).toEqual([
    500,
    'Something went wrong on our side. Please try again.',
  ])
})
