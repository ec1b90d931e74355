import type { Guard } from '../http/endpoint.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import type { RequestFacts } from '../http/request.ts'
import type { BrokerSession } from './broker-session-store.ts'
import type { BrokerTokens } from './broker-tokens.ts'
import { proofOf, type DpopDeps, type Proved } from './dpop.ts'
import { isOver, liveSession, noteUse, type BrokerCaller, type LiveDeps } from './live-session.ts'

export interface BrokerGuardDeps extends LiveDeps, DpopDeps {
  brokerTokens: BrokerTokens
}

const invalid = (why: string) => new OauthProblem('invalid_token', why)

/** The access token of `Authorization: DPoP <token>`: bound to a key, it is worth nothing as a bearer's. */
function accessTokenIn(request: RequestFacts): string {
  const authorization = request.header('authorization') ?? ''
  const token = /^DPoP ([\w.~+/-]{1,512})$/i.exec(authorization.trim())?.[1]
  if (token !== undefined) return token
  throw invalid(
    /^bearer/i.test(authorization)
      ? 'The access token is bound to a key: send it as DPoP, with a proof'
      : 'There is no access token',
  )
}

async function sessionOf(d: BrokerGuardDeps, accessToken: string): Promise<BrokerSession> {
  const read = d.brokerTokens.read(accessToken)
  const session = read?.kind === 'access' ? await d.brokerSessions.find(read.sessionId) : undefined
  if (!read || !session || !d.brokerTokens.isOf(read, session)) throw invalid('The access token is not known')
  if (read.value <= d.clock()) throw invalid('The access token is over: refresh it')
  return session
}

/** A command line that proves the key of its session; whatever may have ended that is looked at anew. */
export const brokerSession = (d: BrokerGuardDeps, proved: Proved): Guard<RequestFacts, BrokerCaller> => ({
  name: 'broker session',
  async check(request) {
    request.setHeader('DPoP-Nonce', d.nonces.issue())
    const accessToken = accessTokenIn(request)
    const session = await sessionOf(d, accessToken)
    await proofOf(d, request, { ...proved, accessToken, jkt: session.jkt })
    const caller = await liveSession(d, session)
    if (isOver(caller)) throw invalid(caller.over)
    await noteUse(d, caller, request.address)
    return caller
  },
})
