/** Waits on the loopback interface for the one answer of the browser (RFC 8252 section 7.3). */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CliFault } from './fault.ts'

export interface Expected {
  state: string
  issuer: string
}

export interface Loopback {
  redirectUri: string
  /** The code. @throws CliFault when the request was denied */
  code: Promise<string>
  close(): void
}

const PATH = '/callback'

const same = (a: string, b: string): boolean => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

const page = (title: string, text: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>` +
  '<meta name="color-scheme" content="light dark">' +
  `<body style="font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem">` +
  `<h1 style="font-size:1.6rem">${title}</h1><p>${text}</p></body></html>`

const answer = (res: ServerResponse, status: number, title: string, text: string): void =>
  void res
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    })
    .end(page(title, text))

/** The code of an answer, or why it is none. What does not know our `state` is nobody's business of ours. */
function readAnswer(
  url: URL,
  { state, issuer }: Expected,
): { is: 'code'; code: string } | { is: 'refused'; why: string } | undefined {
  const { searchParams } = url
  if (url.pathname !== PATH || !same(searchParams.get('state') ?? '', state)) return undefined
  if (searchParams.get('iss') !== issuer) return undefined
  const code = searchParams.get('code')
  if (code) return { is: 'code', code }
  return {
    is: 'refused',
    why: searchParams.get('error_description') ?? searchParams.get('error') ?? 'no code came',
  }
}

/** Listens for one answer, on 127.0.0.1, or on ::1 where that is all there is. @throws CliFault */
export async function listenForCode(expected: Expected): Promise<Loopback> {
  let settle: { resolve: (code: string) => void; reject: (fault: CliFault) => void } | undefined
  const code = new Promise<string>((resolve, reject) => (settle = { resolve, reject }))
  code.catch(() => undefined)
  let host = ''
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    // Another name for this machine may be a page's on the Internet.
    if (req.method !== 'GET' || req.headers.host !== host)
      return answer(res, 400, 'Not for you', 'This address waits for something else.')
    const read = readAnswer(new URL(req.url ?? '/', `http://${host}`), expected)
    if (!read) return answer(res, 404, 'Nothing here', 'Go back to the terminal.')
    if (!settle) return answer(res, 410, 'Already done', 'You can close this window.')
    const { resolve, reject } = settle
    settle = undefined
    if (read.is === 'refused') {
      answer(res, 200, 'Not signed in', 'The request was denied. You can close this window.')
      return reject(new CliFault('denied', `not signed in: ${read.why}`))
    }
    answer(res, 200, 'Signed in', 'Go back to the terminal. You can close this window.')
    return resolve(read.code)
  }
  const server = createServer(handle)
  const listen = (address: string) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, address, () => {
        server.off('error', reject)
        resolve()
      })
    })
  await listen('127.0.0.1').catch(() => listen('::1'))
  const { port, family } = server.address() as AddressInfo
  host = family === 'IPv6' ? `[::1]:${port}` : `127.0.0.1:${port}`
  return {
    redirectUri: `http://${host}${PATH}`,
    code,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
