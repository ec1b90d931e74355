import type { Demo, DemoPerson } from './demo.ts'

const introduce = ({ email, password, what, totpSecret }: DemoPerson): string =>
  [
    `  ${email}`,
    `    password  ${password}`,
    `    ${what}`,
    ...(totpSecret === undefined
      ? []
      : [`    secret    ${totpSecret}`, `    code      oathtool --totp -b ${totpSecret}`]),
  ].join('\n')

/** Signs the first person in by API: a token, then the sign-in. Nothing but a shell, curl and sed. */
function curlLines({ people, credential, document }: Demo, publicUrl: string): string {
  const { email, password } = people[0]!
  const login = {
    username_or_email: email,
    password,
    subdomain: document.account?.subdomain,
  }
  return [
    `TOKEN=$(curl -s '${publicUrl}/auth/oauth2/v2/token' -u '${credential.client_id}:${credential.client_secret}' \\`,
    `  -H 'Content-Type: application/json' -d '{"grant_type":"client_credentials"}' |`,
    `  sed -n 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/p')`,
    `curl -s '${publicUrl}/api/1/login/auth' -H "Authorization: bearer:$TOKEN" \\`,
    `  -H 'Content-Type: application/json' -d '${JSON.stringify(login)}'`,
  ].join('\n')
}

/** What the terminal shows, once, after the demo company was made: where to go and how to get in. */
export function demoNotice(demo: Demo, publicUrl: string): string {
  return `
Doorward has made a demo company. What follows is shown this once; only hashes of it are kept.

Sign in at ${publicUrl}/login

${demo.people.map(introduce).join('\n\n')}

API credential "demo" (Manage All)
  client_id      ${demo.credential.client_id}
  client_secret  ${demo.credential.client_secret}

Sign ${demo.people[0]!.email} in through the API (paste both commands):

${curlLines(demo, publicUrl)}
`
}
