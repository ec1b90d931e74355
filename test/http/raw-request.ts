import { request } from 'node:http'
import type { TestApp } from '../support/app.ts'

/** A request sent exactly as it is written: `fetch` would put its own `Host` and would refuse some of the rest. */
export interface RawRequest {
  method?: string
  path: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
}

export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export const raw = (
  app: TestApp,
  { method = 'POST', path, headers = {}, body }: RawRequest,
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(app.url)
    const counted = body !== undefined && !('transfer-encoding' in headers)
    const length = counted ? { 'content-length': String(Buffer.byteLength(body)) } : {}
    const all = { host, ...length, ...headers }
    const sent = request({ hostname, port, method, path, headers: all, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(chunks).toString(),
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
