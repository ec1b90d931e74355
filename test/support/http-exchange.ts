import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface Reply {
  status: number
  headers: Headers
  body: string
}

export interface Ask {
  method: string
  /** Sent exactly so; `fetch` would put its own `Host` and `Sec-Fetch-Mode` in their place. */
  headers: Record<string, string>
  body?: URLSearchParams | FormData
  /** The certificate authority to believe, for https. */
  ca?: string
}

/** One request on a connection of its own, so that no idle connection keeps a server from stopping. */
export async function exchange(url: URL, { method, headers, body, ca }: Ask): Promise<Reply> {
  const encoded = body && new Response(body)
  const bytes = encoded && Buffer.from(await encoded.arrayBuffer())
  const all = { ...headers, ...(encoded && contentHeaders(encoded, bytes!)) }
  const secure = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const options = { method, headers: all, agent: false, ...(ca !== undefined && { ca }) }
    const sent = (secure ? httpsRequest : httpRequest)(url, options, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', reject)
      reply.on('end', () => {
        const headers = new Headers()
        for (let i = 0; i < reply.rawHeaders.length; i += 2)
          headers.append(reply.rawHeaders[i]!, reply.rawHeaders[i + 1]!)
        resolve({ status: reply.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('error', reject)
    sent.end(bytes)
  })
}

const contentHeaders = (encoded: Response, bytes: Buffer) => ({
  'content-type': encoded.headers.get('content-type')!.replace(';charset=UTF-8', ''), // as browsers write it
  'content-length': String(bytes.length),
})
