import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { expressMessages } from '../../server/http/express-messages.ts'

/** An application that says by its own setting who it is, and whether it got its messages as they were born. */
async function started(name: string) {
  const app = express()
  app.set('name', name)
  app.get('/', (req, res) => {
    res.json({ name: req.app.get('name') as string, same: res.req === req && req.res === res })
  })
  const messages = expressMessages()
  messages.adoptedBy(app)
  const born: boolean[] = []
  const server = createServer(messages.classes, (req, res) => {
    born.push(Object.getPrototypeOf(req) === app.request && Object.getPrototypeOf(res) === app.response)
    app(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { born, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

test('requests and responses come with the prototype that Express would give them, each those of its own application', async () => {
  for (const app of await Promise.all(['one', 'two'].map(started))) {
    for (let visit = 0; visit < 2; visit++) await (await fetch(app.url)).text()
    expect(app.born).toEqual([true, true])
  }
})

test('two applications in one process know their own settings', async () => {
  const [one, two] = [await started('one'), await started('two')]
  expect(await (await fetch(one.url)).json()).toEqual({ name: 'one', same: true })
  expect(await (await fetch(two.url)).json()).toEqual({ name: 'two', same: true })
})
