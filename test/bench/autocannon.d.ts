/** The part of autocannon that the bench uses; the package has no types of its own. */
declare module 'autocannon' {
  interface Client {
    setBody(body: string): void
    setHeaders(headers: Record<string, string>): void
  }
  interface Options {
    url: string
    connections: number
    /** Seconds. */
    duration?: number
    /** Requests; overrides `duration`. */
    amount?: number
    /** Seconds. */
    timeout?: number
    method?: 'GET' | 'POST'
    headers?: Record<string, string>
    setupClient?: (client: Client) => void
  }
  interface Result {
    '2xx': number
    non2xx: number
    errors: number
    timeouts: number
    /** Seconds. */
    duration: number
  }
  export default function autocannon(options: Options): Promise<Result>
}
