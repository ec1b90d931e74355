import { spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { startApp, type TestApp } from '../../support/app.ts'
import { build } from '../../support/doorward.ts'
import type { Browser } from '../../support/html.ts'
import { AWS_ACCOUNT } from '../../support/people.ts'
import { startSts, type Sts, type StsRole } from '../../support/sts.ts'
import { signIn } from '../../signin/portal.ts'

export const COMMAND = join(resolve(import.meta.dirname, '../../..'), 'cli/doorward.js')
export const PROVIDER = `arn:aws:iam::${AWS_ACCOUNT}:saml-provider/Doorward`
export const roleArn = (name: string): string => `arn:aws:iam::${AWS_ACCOUNT}:role/${name}`

/** What a command said, and how it ended. */
export interface Said {
  code: number | null
  stdout: string
  stderr: string
}

export interface Running {
  pid: number
  said: Promise<Said>
  /** What it has printed so far, once that looks like this. */
  printed(like: RegExp): Promise<string>
  kill: () => void
}

/** A laptop of somebody: an empty home, a browser that a test looks through, and the command. */
export interface Laptop {
  home: string
  env: Record<string, string>
  /** `doorward aws …` */
  aws(args: string[], more?: { env?: Record<string, string>; input?: string }): Promise<Said>
  /** Any program in this environment. */
  run(program: string, args: string[], more?: { env?: Record<string, string>; input?: string }): Promise<Said>
  /** The same, while it runs. */
  start(args: string[], more?: { env?: Record<string, string> }): Running
  /** Any program, which is typed to when it has printed what it asks by. */
  typing(program: string, args: string[], answers: [asked: RegExp, typed: string][]): Promise<Said>
  /** The address that the next browser is opened at. */
  opened(): Promise<string>
  /** How many were opened. */
  openings(): number
  path(...parts: string[]): string
  write(name: string, text: string): string
  read(name: string): string
}

/** AWS as this company has set it up: its metadata uploaded, and these roles. */
export async function awsFor(app: TestApp, change: Record<string, Partial<StsRole>> = {}): Promise<Sts> {
  const entityId = `${app.ctx.publicUrl}/saml/metadata/500`
  const { text: metadataXml } = await app.call('GET', '/saml/metadata/500')
  const role = (name: string): StsRole => ({
    roleArn: roleArn(name),
    providerArn: PROVIDER,
    maxSessionDuration: 43_200,
    allowTags: false,
    allowSourceIdentity: false,
    ...change[name],
  })
  const providers = [{ providerArn: PROVIDER, entityId, metadataXml }]
  return startSts({ now: () => app.clock.now(), providers, roles: ['Dev', 'Admin'].map(role) })
}

/** Tells a listener which address was to be opened; that is all a browser does here. */
const OPENER = `fetch(process.env.OPENED_AT, { method: 'POST', body: process.argv[2] })`

/** Lets the laptop's clock agree with the server's, which tests move. */
const shifted = (ms: number): string =>
  `--import=data:text/javascript,${encodeURIComponent(`const now=Date.now;Date.now=()=>now()+${ms}`)}`

function collect(child: ReturnType<typeof spawn>): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...said }))
  })
}

/** What nobody may find anywhere later: the keys that a command printed, and what the server signed for them. */
function secretsIn({ stdout }: Said, { calls }: Sts): string[] {
  const keys = /"SecretAccessKey":"([^"]+)","SessionToken":"([^"]+)"/.exec(stdout)?.slice(1) ?? []
  const signature = /<ds:SignatureValue>([^<]+)</.exec(calls.at(-1)?.responseXml ?? '')?.slice(1) ?? []
  return [...keys, ...signature]
}

const filesIn = (folder: string): string[] =>
  !statSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? []
    : readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))

export async function aLaptop(app: TestApp, sts: Sts): Promise<Laptop> {
  const home = mkdtempSync(join(tmpdir(), 'doorward-laptop-'))
  const waiting: ((url: string) => void)[] = []
  const urls: string[] = []
  let openings = 0
  const listener = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => (body += chunk.toString()))
    req.on('end', () => {
      openings++
      const next = waiting.shift()
      if (next) next(body)
      else urls.push(body)
      res.end()
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const running: ChildProcess[] = []
  onTestFinished(() => {
    for (const child of running) child.kill('SIGKILL') // of a test that has given up
    listener.closeAllConnections()
    listener.close()
    const files = filesIn(join(home, '.doorward')).map((path) => readFileSync(path, 'utf8'))
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
    app.sink.expectNone(files)
  })
  const path = (...parts: string[]) => join(home, ...parts)
  mkdirSync(path('bin'))
  writeFileSync(path('bin', 'open.mjs'), OPENER)
  writeFileSync(
    path('bin', 'browser'),
    `#!/bin/sh\nexec '${process.execPath}' '${path('bin', 'open.mjs')}' "$1"\n`,
  )
  chmodSync(path('bin', 'browser'), 0o755)
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    DOORWARD_SERVER: app.ctx.publicUrl,
    AWS_ENDPOINT_URL_STS: sts.url,
    BROWSER: path('bin', 'browser'),
    OPENED_AT: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`,
  }
  const shiftedEnv = () => ({ ...env, NODE_OPTIONS: shifted(app.clock.now() - Date.now()) })
  const begin = (
    program: string,
    args: string[],
    { env: more = {}, input = '' }: { env?: Record<string, string>; input?: string | null } = {},
  ) => {
    const child = spawn(program, args, {
      cwd: home,
      env: { ...shiftedEnv(), ...more },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    running.push(child)
    child.stdin.on('error', () => undefined)
    if (input !== null) child.stdin.end(input)
    return child
  }
  const laptop: Laptop = {
    home,
    env,
    run: (program, args, more) => collect(begin(program, args, more)),
    async aws(args, more) {
      const said = await laptop.run(process.execPath, [COMMAND, 'aws', ...args], more)
      for (const secret of secretsIn(said, sts)) app.sink.learn(secret)
      return said
    },
    start(args, more) {
      const child = begin(process.execPath, [COMMAND, 'aws', ...args], more)
      const said = collect(child)
      const printed = (like: RegExp): Promise<string> =>
        new Promise((resolve, reject) => {
          let text = ''
          child.stdout.on('data', (chunk: Buffer) => {
            text += chunk.toString()
            if (like.test(text)) resolve(text)
          })
          void said.then(({ stderr }) => reject(new Error(`it has ended: ${stderr}`)), reject)
        })
      return { pid: child.pid!, said, printed, kill: () => void child.kill('SIGKILL') }
    },
    typing(program, args, answers) {
      const child = begin(program, args, { input: null })
      const left = [...answers]
      let seen = ''
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString()
        if (!left[0]?.[0].test(seen)) return
        child.stdin.write(left.shift()![1])
        seen = ''
      })
      return collect(child)
    },
    opened: () => {
      const url = urls.shift()
      return url === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(url)
    },
    openings: () => openings,
    path,
    write(name, text) {
      mkdirSync(resolve(path(name), '..'), { recursive: true })
      writeFileSync(path(name), text)
      return path(name)
    },
    read: (name) => readFileSync(path(name), 'utf8'),
  }
  return laptop
}

/** Agrees in a browser in which its person is signed in. */
export async function agree(browser: Browser, url: string): Promise<void> {
  const page = await browser.tab().open(url)
  await page.form('form[action="/oauth/authorize"]').submit('Allow')
}

/** A server and the AWS that knows it, for all tests of a file; there once these run. */
export function serverAndAws(): { readonly app: TestApp; readonly sts: Sts } {
  const there: { app?: TestApp; sts?: Sts } = {}
  beforeAll(async () => {
    build()
    there.app = await startApp()
    there.sts = await awsFor(there.app)
  })
  afterAll(async () => {
    await there.sts?.close()
    await there.app?.close()
  })
  return {
    get app() {
      return there.app!
    },
    get sts() {
      return there.sts!
    },
  }
}

/** A browser in which bob is signed in, later than in any other. */
export async function bobsBrowser(app: TestApp): Promise<Browser> {
  await app.advance(1)
  const browser = app.browser()
  await signIn(app, 'bob', browser)
  return browser
}

/** An ssh-agent that holds a key for us, until the test ends. Tells its socket. */
export async function sshAgent(laptop: Laptop): Promise<string> {
  const socket = laptop.path('agent.sock')
  const { stdout, stderr } = await laptop.run('sh', [
    '-c',
    `ssh-agent -a '${socket}' && ssh-keygen -q -t ecdsa -b 256 -N '' -C doorward -f key && SSH_AUTH_SOCK='${socket}' ssh-add -q key && rm key`,
  ])
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1])
  if (!(pid > 0)) throw new Error(stderr)
  onTestFinished(() => void process.kill(pid))
  return socket
}

/** A laptop on which bob is signed in. @throws Error with what the command said */
export async function signedInLaptop(app: TestApp, sts: Sts): Promise<Laptop> {
  const laptop = await aLaptop(app, sts)
  const browser = await bobsBrowser(app)
  const { code, stderr } = await logIn(laptop, browser)
  if (code !== 0) throw new Error(stderr)
  return laptop
}

/** `doorward aws login` by somebody who is signed in in this browser. */
export async function logIn(laptop: Laptop, browser: Browser, args: string[] = []): Promise<Said> {
  const { said } = laptop.start(['login', ...args])
  const url = await Promise.race([
    laptop.opened(),
    said.then(({ stderr }) => Promise.reject(new Error(stderr))),
  ])
  await agree(browser, url)
  return said
}
