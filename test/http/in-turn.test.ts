import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { inTurn } from '../../server/http/surface.ts'

const fails: RequestHandler = () => {
  throw new Error('fails')
}
const failsLater: RequestHandler = async () => {
  await Promise.resolve()
  throw new Error('fails')
}
const goesOn: RequestHandler = (_req, _res, next) => next()
const goesOnLater: RequestHandler = (_req, _res, next) => void setImmediate(next)
const refuses: RequestHandler = (_req, _res, next) => next(new Error('fails'))

async function answerOf(...handlers: RequestHandler[]): Promise<string> {
  const app = express()
  app.use(inTurn(...handlers))
  app.use((_req, res) => void res.send('went on'))
  const told: express.ErrorRequestHandler = (error: Error, _req, res, next) =>
    res.headersSent ? next(error) : void res.send(error.message)
  app.use(told)
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).text()
}

test('handlers in turn go on to what follows them, at once or later', async () => {
  expect(await answerOf()).toBe('went on')
  expect(await answerOf(goesOn, goesOnLater, goesOn)).toBe('went on')
})

test('a handler that fails, at once, later, or after one that waited, ends at the error page and not the process', async () => {
  for (const failing of [fails, failsLater, refuses])
    for (const before of [[], [goesOn], [goesOnLater], [goesOnLater, goesOn]])
      expect(await answerOf(...before, failing, goesOn)).toBe('fails')
})
