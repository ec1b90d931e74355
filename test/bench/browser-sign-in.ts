import { people } from './company.ts'
import type { Doorward } from './processes.ts'

/** Signs a person in by API, turns the session token into a browser session and gives its cookie. */
export async function signedInCookie(server: Doorward): Promise<string> {
  const { login, password } = people[0]!
  const signedIn = await fetch(`${server.url}/api/1/login/auth`, {
    method: 'POST',
    headers: { authorization: `bearer:${await server.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ username_or_email: login, password, subdomain: 'bench' }),
  })
  const { data } = (await signedIn.json()) as { data?: { session_token: string }[] }
  const token = data?.[0]?.session_token
  if (token === undefined) throw new Error(`nobody was signed in: ${signedIn.status}`)
  const redeemed = await fetch(`${server.url}/session_via_api_token`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'x-forwarded-proto': 'https', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ session_token: token }).toString(),
  })
  const cookies = redeemed.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!)
  if (!cookies.some((cookie) => cookie.startsWith('__Host-doorward=')))
    throw new Error(`no browser session: ${redeemed.status} ${await redeemed.text()}`)
  return cookies.join('; ')
}
