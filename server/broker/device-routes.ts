import { z } from 'zod'
import { freshSignIn, isFresh } from '../account/fresh-sign-in.ts'
import type { Config } from '../config.ts'
import { Problem } from '../errors.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import type { PageRequest, RequestFacts } from '../http/request.ts'
import { signedIn, type SignedInPerson } from '../signin/signed-in.ts'
import { deviceShape, refusalOf } from './asked-session.ts'
import { grantOf } from './authorization-code.ts'
import type { AuthorizeDeps } from './authorize-routes.ts'
import { requireClient } from './client.ts'
import { consentFacts } from './consent.ts'
import { consentView } from './consent-view.ts'
import { askForDevice, decideDevice, findDevice, type DeviceDeps, type Typed } from './device-code.ts'
import { deviceView, type DeviceFault } from './device-view.ts'
import { provedKey } from './dpop.ts'
import type { TokenDeps } from './token-routes.ts'

export type DevicePageDeps = AuthorizeDeps & DeviceDeps & { config: Pick<Config, 'BROKER_DEVICE_CODE'> }

const PATH = '/oauth/device'
const ASK_PATH = '/oauth/device_authorization'
const DECIDE_PATH = '/oauth/device/decision'

interface Visit {
  caller: SignedInPerson
  request: PageRequest
}

const requireOn = ({ config }: { config: Pick<Config, 'BROKER_DEVICE_CODE'> }): void => {
  if (config.BROKER_DEVICE_CODE === 'off') throw new Problem('no_route')
}

const body = z.looseObject(deviceShape)

/** RFC 8628 section 3.1. The device proves the key for which it asks. */
const postAsk = (d: TokenDeps) =>
  endpoint({
    method: 'post',
    path: ASK_PATH,
    guard: anybody, // the key is proved; nothing is given before a person agrees
    input: { body: z.looseObject({ client_id: pageText(100) }) },
    async handle({ body: given }, { request }: { request: RequestFacts; caller: undefined }) {
      requireOn(d)
      requireClient(given)
      const jkt = await provedKey(d, request, ASK_PATH)
      const parsed = body.safeParse({ ...given, dpop_jkt: jkt })
      if (!parsed.success) throw refusalOf(parsed.error)
      const { device_name: deviceName, key_storage: keyStorage } = parsed.data
      return {
        json: await askForDevice(d, { jkt, deviceName, keyStorage, address: request.address }),
      }
    },
  })

/** The address may carry the code, and yet it has to be looked at and sent (RFC 8628 section 3.3.1). */
const showDevice = (d: DevicePageDeps) =>
  endpoint({
    method: 'get',
    path: PATH,
    guard: signedIn(d),
    input: { query: z.looseObject({ user_code: pageText(20).catch(undefined) }) },
    async handle({ query }, { request }) {
      requireOn(d)
      return { page: 'broker/device.njk', view: deviceView({ page: request.page(), typed: query.user_code }) }
    },
  })

const FAULTS: Record<Exclude<Typed['is'], 'waiting'>, DeviceFault> = {
  unknown: 'wrong',
  too_many: 'tooMany',
  elsewhere: 'elsewhere',
}

const faultPage = ({ request }: Visit, typed: string, fault: DeviceFault): Reply => ({
  page: 'broker/device.njk',
  view: deviceView({ page: request.page(), typed, fault }),
  status: fault === 'tooMany' ? 429 : 400,
})

const find = (d: DevicePageDeps, { caller, request }: Visit, typed: string): Promise<Typed> =>
  findDevice(d, typed, { userId: caller.user.id, address: request.address })

const postDevice = (d: DevicePageDeps) =>
  endpoint({
    method: 'post',
    path: PATH,
    guard: signedIn(d),
    input: { body: z.looseObject({ user_code: pageText(20) }) },
    async handle({ body: { user_code: typed = '' } }, visit) {
      requireOn(d)
      if (typed.trim() === '') return faultPage(visit, '', 'empty')
      const { caller, request } = visit
      if (!isFresh(d, caller.session)) return freshSignIn(`${PATH}?user_code=${encodeURIComponent(typed)}`)
      const found = await find(d, visit, typed)
      if (found.is !== 'waiting') return faultPage(visit, typed, FAULTS[found.is])
      const { waiting } = found.device
      const view = consentView({
        ...(await consentFacts(d, request, caller)),
        device: waiting,
        address: waiting.address,
        lacks: [],
        action: DECIDE_PATH,
        hidden: { name: 'user_code', value: waiting.userCode },
        byCode: true,
      })
      return { page: 'broker/consent.njk', view }
    },
  })

const postDecision = (d: DevicePageDeps) =>
  endpoint({
    method: 'post',
    path: DECIDE_PATH,
    guard: signedIn(d),
    input: { body: z.looseObject({ user_code: pageText(20), action: pageText(20) }) },
    async handle({ body: { user_code: typed = '', action } }, visit) {
      requireOn(d)
      const { caller, request } = visit
      if (!isFresh(d, caller.session)) return freshSignIn(PATH)
      const found = await find(d, visit, typed)
      if (found.is !== 'waiting') return faultPage(visit, typed, FAULTS[found.is])
      const allows = action === 'allow'
      const decision = allows ? grantOf(caller, found.device.waiting) : 'denied'
      const decided = await decideDevice(d, found.device, decision)
      const end = decided ? (allows ? 'allowed' : 'denied') : 'over'
      return { page: 'broker/device.njk', view: deviceView({ page: request.page(), end }) }
    },
  })

/** Where a machine without a browser asks. */
export const deviceAskRoutes = (d: TokenDeps): Route<RequestFacts>[] => [postAsk(d)]
/** Where its person agrees, in a browser elsewhere. */
export const devicePageRoutes = (d: DevicePageDeps): Route<PageRequest>[] => [
  showDevice(d),
  postDevice(d),
  postDecision(d),
]
