/** Looks for what commonly goes wrong, and says what to do about it. */
import { existsSync } from 'node:fs'
import { configPath, credentialsPath, hasStaticKeys, readAwsFile } from './aws-files.ts'
import { readMetadata } from './broker-client.ts'
import { CliFault, loginHint } from './fault.ts'
import { homePath, openHome, paths, readJson } from './home.ts'
import { send } from './http.ts'
import { keysIn, sectionNames } from './ini.ts'
import { withLock } from './lock.ts'
import { environment, localTime } from './machine.ts'
import { clockWarning } from './clock.ts'
import { regionFor, stsEndpoint } from './region.ts'
import { openSession } from './session.ts'
import { readRoles, readSession } from './session-file.ts'

export type Verdict = 'ok' | 'warn' | 'fail'

/** One thing that was looked at. */
export interface Finding {
  check: string
  verdict: Verdict
  text: string
}

type Check = (session: string) => Promise<[Verdict, string]> | [Verdict, string]

const LOCK_MS = 2000

function ownProfiles(): { profile: string; command: string; region: string | undefined }[] {
  const text = readAwsFile(configPath())
  return sectionNames(text).flatMap((section) => {
    const { credential_process: command = '', region } = keysIn(text, section) ?? {}
    const profile = section.replace(/^profile /, '')
    return /doorward(\.js)?"? aws credentials/.test(command) ? [{ profile, command, region }] : []
  })
}

const quoted = (command: string): string[] =>
  Array.from(command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, a, b, c]) => a ?? b ?? c ?? '')

const CHECKS: Record<string, Check> = {
  'state folder': () => ['ok', openHome()],
  'signed in': (name) => {
    const { file } = openSession(name)
    return [
      'ok',
      `${file.user.email || file.user.name} at ${file.server}, until ${localTime(Date.parse(file.endsAt))}`,
    ]
  },
  server: async (name) => {
    const file = readSession(name)
    if (!file) return ['warn', `unknown until somebody signs in: ${loginHint(name)} URL`]
    await readMetadata(file.server)
    return ['ok', file.server]
  },
  session: async (name) => {
    if (!readSession(name)) return ['warn', 'none']
    await openSession(name).call('GET', '/broker/v1/session')
    return ['ok', 'the server knows it']
  },
  key: (name) => {
    const file = readSession(name)
    if (!file) return ['warn', 'none yet']
    if (file.key.place === 'file')
      return [
        'warn',
        `in a file: whoever copies ${homePath()} can go on as you; install a keychain or use ssh-agent`,
      ]
    return ['ok', `in ${file.key.place === 'agent' ? 'ssh-agent' : 'the keychain'}`]
  },
  clock: (name) => {
    const warning = clockWarning(name)
    return warning === undefined
      ? ['ok', 'as the server’s']
      : [warning.includes('refuse its requests (') ? 'fail' : 'warn', warning]
  },
  'AWS STS': async (name) => {
    const [role] = readRoles(name).roles
    if (!role) return ['warn', 'unknown until roles are known: doorward aws roles']
    const url = stsEndpoint(role.role_arn, regionFor(role.role_arn))
    await send(`${url}/`, () => ({ method: 'GET' }))
    return ['ok', url]
  },
  profiles: () => {
    const own = ownProfiles()
    if (own.length === 0) return ['warn', `none in ${configPath()}: doorward aws configure`]
    const lost = own.filter(({ command }) =>
      quoted(command)
        .slice(0, 2)
        .some((path) => !existsSync(path)),
    )
    if (lost.length > 0)
      return [
        'fail',
        `${lost.map(({ profile }) => profile).join(', ')}: the program that they run is gone; run doorward aws configure again`,
      ]
    return ['ok', own.map(({ profile }) => profile).join(', ')]
  },
  'keys that would win': () => {
    const shadowed = ownProfiles().filter(({ profile }) => hasStaticKeys(profile))
    if (shadowed.length > 0)
      return [
        'fail',
        `${credentialsPath()} has keys of ${shadowed.map(({ profile }) => `[${profile}]`).join(', ')}, so these profiles never ask us: doorward aws configure --move-static`,
      ]
    const { AWS_ACCESS_KEY_ID: key } = environment()
    return key
      ? ['warn', 'AWS_ACCESS_KEY_ID is set in this shell, and wins unless --profile is given']
      : ['ok', 'none']
  },
  profile: () => {
    const { AWS_PROFILE: profile } = environment()
    if (!profile) return ['ok', 'AWS_PROFILE is not set; name one with --profile']
    const isOurs = ownProfiles().some((one) => one.profile === profile)
    return isOurs
      ? ['ok', `AWS_PROFILE is ${profile}`]
      : ['warn', `AWS_PROFILE is ${profile}, which does not ask us`]
  },
  region: () => {
    const { AWS_REGION: newer, AWS_DEFAULT_REGION: older } = environment()
    if (newer && !older)
      return [
        'warn',
        'AWS_REGION is set and AWS_DEFAULT_REGION is not: version 1 of the AWS CLI reads only the latter',
      ]
    return ['ok', older ?? newer ?? 'as the profiles say']
  },
  network: () => {
    const { HTTPS_PROXY, https_proxy, AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS } = environment()
    const proxy = HTTPS_PROXY ?? https_proxy
    const parts = [
      proxy && `by the proxy ${URL.canParse(proxy) ? new URL(proxy).host : proxy}`,
      AWS_CA_BUNDLE && `trusting ${AWS_CA_BUNDLE}`,
      NODE_EXTRA_CA_CERTS && `trusting ${NODE_EXTRA_CA_CERTS}`,
    ].filter(Boolean)
    return ['ok', parts.length === 0 ? 'direct' : parts.join(', ')]
  },
  lock: async () => {
    await withLock('doctor', async () => undefined, { patienceMs: LOCK_MS })
    return ['ok', 'free']
  },
  'longest credentials': () => {
    const short = Object.keys((readJson(paths.durations()) as Record<string, number> | undefined) ?? {})
    if (short.length === 0) return ['ok', 'as the roles say']
    return [
      'warn',
      `AWS allows only an hour for ${short.join(', ')}: an AWS administrator can raise its maximum session duration`,
    ]
  },
}

/** Runs every check; one that breaks is a finding itself. */
export async function examine(session: string): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [check, look] of Object.entries(CHECKS)) {
    try {
      const [verdict, text] = await look(session)
      findings.push({ check, verdict, text })
    } catch (error) {
      if (!(error instanceof CliFault)) throw error
      findings.push({ check, verdict: 'fail', text: error.message })
    }
  }
  return findings
}
