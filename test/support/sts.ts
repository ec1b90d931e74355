import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { judgeClaims, nameQualifier, readRoleRequest, type StsProvider, type StsRole } from './sts-rules.ts'
import {
  certificatesFromMetadata,
  checkSignatures,
  decodeResponse,
  readClaims,
  StsError,
} from './sts-saml.ts'

export type { StsProvider, StsRole } from './sts-rules.ts'

/** One call as it came in, and how it ended: `ok` or AWS's error code. */
export interface StsCall {
  action: string
  outcome: string
  roleArn?: string
  durationSeconds?: number
  /** The Response that was sent, decoded. */
  responseXml?: string
}

/** A strict stand-in for AWS STS. */
export interface Sts {
  url: string
  calls: StsCall[]
  /** What the next call gets instead of an answer: an AWS error, or a cut connection. Calls queue up. */
  failNext(how: { code: string; message: string; status: number } | 'hang_up'): void
  /** How long every answer takes. */
  setLatencyMs(ms: number): void
  close(): Promise<void>
}

interface Session {
  secretAccessKey: string
  sessionToken: string
  expiresAtMs: number
  roleId: string
  arn: string
  account: string
}

interface State {
  now: () => number
  providers: Map<string, { entityId: string; certificates: string[] }>
  roles: StsRole[]
  sessions: Map<string, Session>
}

/** Starts STS on a free port of this machine. It trusts the certificates that it finds in the metadata, and no other. */
export async function startSts(options: {
  now: () => number
  providers: StsProvider[]
  roles: StsRole[]
}): Promise<Sts> {
  const providers = options.providers.map(
    (p) =>
      [
        p.providerArn,
        { entityId: p.entityId, certificates: certificatesFromMetadata(p.metadataXml, p.entityId) },
      ] as const,
  )
  const state: State = {
    now: options.now,
    roles: options.roles,
    providers: new Map(providers),
    sessions: new Map(),
  }
  const calls: StsCall[] = []
  const failures: Parameters<Sts['failNext']>[0][] = []
  let latencyMs = 0
  const server = createServer((request, response) => {
    const failure = failures.shift()
    if (failure === 'hang_up') return void request.socket.destroy()
    const call: StsCall = { action: '', outcome: 'ok' }
    calls.push(call)
    void answer(state, request, call, failure)
      .catch((error: unknown) => {
        const known = error instanceof StsError ? error : new StsError('InternalFailure', String(error), 500)
        call.outcome = known.code
        return { status: known.status, xml: errorXml(known) }
      })
      .then(({ status, xml }) => {
        setTimeout(() => response.writeHead(status, { 'content-type': 'text/xml' }).end(xml), latencyMs)
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    failNext: (how) => void failures.push(how),
    setLatencyMs: (ms) => void (latencyMs = ms),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(
  state: State,
  request: IncomingMessage,
  call: StsCall,
  failure: { code: string; message: string; status: number } | undefined,
): Promise<{ status: number; xml: string }> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString('utf8')
  const form = new URLSearchParams(body)
  call.action = form.get('Action') ?? ''
  if (failure) throw new StsError(failure.code, failure.message, failure.status)
  checkProtocol(request, form)
  switch (call.action) {
    case 'AssumeRoleWithSAML':
      return { status: 200, xml: await assumeRoleWithSaml(state, request, form, call) }
    case 'GetCallerIdentity':
      return { status: 200, xml: getCallerIdentity(state, request, body) }
    default:
      throw new StsError('InvalidAction', `Could not find operation ${call.action} for version 2011-06-15`)
  }
}

function checkProtocol(request: IncomingMessage, form: URLSearchParams): void {
  const type = request.headers['content-type'] ?? ''
  if (
    request.method !== 'POST' ||
    request.url !== '/' ||
    !type.startsWith('application/x-www-form-urlencoded')
  ) {
    throw new StsError('InvalidAction', 'STS is asked by POST of a form to /')
  }
  if (form.get('Version') !== '2011-06-15') throw new StsError('InvalidAction', 'Unknown version')
  for (const name of form.keys()) {
    if (form.getAll(name).length > 1) throw new StsError('MalformedQueryString', `${name} is given twice`)
  }
}

async function assumeRoleWithSaml(
  state: State,
  request: IncomingMessage,
  form: URLSearchParams,
  call: StsCall,
): Promise<string> {
  if (request.headers.authorization !== undefined) {
    throw new StsError('IncompleteSignature', 'AssumeRoleWithSAML is an unsigned call', 400)
  }
  const wanted = readRoleRequest(form)
  Object.assign(call, { roleArn: wanted.roleArn, durationSeconds: wanted.durationSeconds })
  const { xml, root } = decodeResponse(form.get('SAMLAssertion') ?? '')
  call.responseXml = xml
  const provider = state.providers.get(wanted.principalArn)
  if (!provider) throw new StsError('InvalidIdentityToken', "Specified provider doesn't exist")
  const samlAssertion = await checkSignatures(xml, root, provider.certificates)
  const claims = readClaims(root, samlAssertion)
  if (claims.issuer !== provider.entityId) {
    throw new StsError('InvalidIdentityToken', 'Issuer not present in specified provider')
  }
  const role = state.roles.find((r) => r.roleArn === wanted.roleArn)
  const granted = judgeClaims(claims, wanted, role, state.now())
  const session = newSession(wanted.roleArn, granted.sessionName, granted.expiresAtMs)
  const accessKeyId = `ASIA${base32(16)}`
  state.sessions.set(accessKeyId, session)
  return resultXml('AssumeRoleWithSAML', {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: new Date(session.expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    AssumedRoleUser: { AssumedRoleId: session.roleId, Arn: session.arn },
    PackedPolicySize: '0',
    Subject: claims.nameId ?? '',
    SubjectType: claims.nameIdFormat.split(':').at(-1) ?? '',
    Issuer: claims.issuer,
    Audience: claims.recipient,
    NameQualifier: nameQualifier(claims.issuer, wanted.principalArn),
    ...(granted.sourceIdentity === undefined ? {} : { SourceIdentity: granted.sourceIdentity }),
  })
}

function newSession(roleArn: string, sessionName: string, expiresAtMs: number): Session {
  const [, partition, , , account] = roleArn.split(':') as [string, string, string, string, string]
  return {
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(240).toString('base64'),
    expiresAtMs,
    roleId: `AROA${base32(17)}:${sessionName}`,
    arn: `arn:${partition}:sts::${account}:assumed-role/${roleArn.split('/').at(-1)!}/${sessionName}`,
    account,
  }
}

const base32 = (length: number) =>
  Array.from(randomBytes(length), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('')

function getCallerIdentity(state: State, request: IncomingMessage, body: string): string {
  const header = request.headers.authorization
  if (header === undefined) {
    throw new StsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403)
  }
  const parts = /^AWS4-HMAC-SHA256 Credential=(\w+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
    header,
  )
  const session = state.sessions.get(parts?.[1] ?? '')
  if (!parts || session?.sessionToken !== request.headers['x-amz-security-token']) {
    throw new StsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403)
  }
  if (signatureV4(request, body, session!.secretAccessKey, parts[2]!, parts[3]!) !== parts[4]) {
    const text = 'The request signature we calculated does not match the signature you provided.'
    throw new StsError('SignatureDoesNotMatch', text, 403)
  }
  if (session!.expiresAtMs <= state.now()) {
    throw new StsError('ExpiredToken', 'The security token included in the request is expired', 403)
  }
  return resultXml('GetCallerIdentity', {
    Arn: session!.arn,
    UserId: session!.roleId,
    Account: session!.account,
  })
}

/** AWS Signature Version 4 of a POST to `/`, calculated anew from the secret that we handed out. */
function signatureV4(
  request: IncomingMessage,
  body: string,
  secret: string,
  scope: string,
  signed: string,
): string {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const headers = signed.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`)
  const canonical = ['POST', '/', '', headers.join(''), signed, sha256(body)].join('\n')
  const time = String(request.headers['x-amz-date'])
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex')
}

type Tree = { [name: string]: string | Tree }

const escaped = (text: string) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
const treeXml = (tree: Tree): string =>
  Object.entries(tree)
    .map(
      ([name, value]) => `<${name}>${typeof value === 'string' ? escaped(value) : treeXml(value)}</${name}>`,
    )
    .join('')
const METADATA: Tree = { RequestId: 'c6104cbe-af31-11e0-8154-cbc7ccf896c7' }

function resultXml(action: string, result: Tree): string {
  const content = treeXml({ [`${action}Result`]: result, ResponseMetadata: METADATA })
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${content}</${action}Response>`
}

function errorXml(error: StsError): string {
  const type = error.status < 500 ? 'Sender' : 'Receiver'
  const content = treeXml({ Error: { Type: type, Code: error.code, Message: error.message }, ...METADATA })
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${content}</ErrorResponse>`
}
