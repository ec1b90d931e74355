import { z } from 'zod'
import { policyFor } from '../directory/policy-for.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import { availableFactors } from '../factors/enrolment.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import type { Asking } from '../factors/factor.ts'
import { isStorable } from '../http/api-input.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { qrView } from '../signin/qr-code.ts'
import { ANSWER_FIELDS, isTyped, typedAnswer } from '../signin/typed-answer.ts'
import { signedIn, type SignedInPerson } from '../signin/signed-in.ts'
import { ownEnrolPage, type EnrolPageState } from '../signin/step-pages.ts'
import type { AccountPageDeps } from './account-routes.ts'
import { factorPageView, LABEL_MAX, type FactorPageFacts } from './factor-page-view.ts'
import {
  beginOwn,
  challengeOwn,
  enrollingOf,
  makeOwnDefault,
  ownFactor,
  proveOwn,
  removeOwn,
  renameOwn,
  type Enrolling,
  type ProofOutcome,
} from './factors.ts'
import { changeLetter } from './letters.ts'
import { codesView } from './codes-view.ts'
import { generateRecoveryCodes } from '../factors/recovery-codes.ts'
import type { Random } from '../platform/random.ts'
import { freshSignIn, isFresh } from './fresh-sign-in.ts'
import { afterAllEnded } from './sessions.ts'

type OwnFactorDeps = AccountPageDeps & { random: Random; digestKey: Buffer }

const NEW = '/account/factors/new'
const newBody = z.looseObject({
  /** Names the authenticator that is being set up. */
  attempt: pageText(20),
  kind: pageText(40),
  number: pageText(40),
  ...ANSWER_FIELDS,
  action: pageText(20),
})
type NewBody = z.output<typeof newBody>

interface Here {
  d: AccountPageDeps
  request: PageRequest
  caller: SignedInPerson
  asked: Asking
}

async function hereOf(d: AccountPageDeps, request: PageRequest, caller: SignedInPerson): Promise<Here> {
  const policy = await policyFor(d, { user: caller.user })
  return { d, request, caller, asked: { policy, origin: originOf(request), pages: request.ownOrigin() } }
}

/** Backups have a place of their own on the account's page. */
const offersOf = async (d: AccountPageDeps, user: User): Promise<FactorKind[]> =>
  (await availableFactors(d, user)).filter((kind) => FACTORS[kind].standing !== 'backup')

const offerPage = async ({ d, request, caller: { user } }: Here, state?: EnrolPageState): Promise<Reply> =>
  ownEnrolPage(request, user, await offersOf(d, user), state)

const showNew = (d: AccountPageDeps) =>
  endpoint({
    method: 'get',
    path: NEW,
    guard: signedIn(d),
    async handle(_input, { caller, request }): Promise<Reply> {
      if (!isFresh(d, caller.session)) return freshSignIn(NEW)
      return offerPage(await hereOf(d, request, caller))
    },
  })

const postNew = (d: AccountPageDeps) =>
  endpoint({
    method: 'post',
    path: NEW,
    guard: signedIn(d),
    input: { body: newBody },
    async handle({ body }, { caller, request }): Promise<Reply> {
      if (!isFresh(d, caller.session)) return freshSignIn(NEW)
      const here = await hereOf(d, request, caller)
      if (body.action === 'choose') return offerPage(here)
      const kind = (await offersOf(d, caller.user)).find((one) => one === body.kind)
      if (kind !== undefined) return begin(here, kind, body.number)
      const enrolling = await enrollingOf(d, caller.user, Number(body.attempt), here.asked)
      if (!enrolling) return offerPage(here)
      return body.action === 'send' ? send(here, enrolling) : prove(here, enrolling, body)
    },
  })

async function begin(here: Here, kind: FactorKind, number: string | undefined): Promise<Reply> {
  const { d, caller, asked } = here
  if (FACTORS[kind].asksFirst === 'phone_number' && number === undefined)
    return offerPage(here, { chosen: { kind } })
  try {
    const enrolling = await beginOwn(d, caller.user, { kind, number }, asked)
    return enrolling ? await send(here, enrolling) : await offerPage(here)
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'invalid_request')) throw error
    return offerPage(here, { chosen: { kind }, number, error: { is: 'number_wrong' }, status: 400 })
  }
}

async function send(here: Here, enrolling: Enrolling): Promise<Reply> {
  const sent = await challengeOwn(here.d, enrolling)
  return provePage(
    here,
    enrolling,
    sent.is === 'too_soon' ? { error: { is: 'resend_too_soon', waitSeconds: sent.waitSeconds } } : {},
  )
}

async function provePage(
  { d, request, caller: { user } }: Here,
  { authenticator: { id, factor: kind }, setup }: Enrolling,
  state: EnrolPageState,
): Promise<Reply> {
  const qr = setup.is === 'seed' ? await qrView(setup.otpauthUrl) : undefined
  const shown = { chosen: { kind, setup, qr }, authenticatorId: id, ...state }
  return ownEnrolPage(request, user, await offersOf(d, user), shown)
}

async function prove(here: Here, enrolling: Enrolling, body: NewBody): Promise<Reply> {
  const { factor } = enrolling.authenticator
  const code = typedAnswer(factor, body)
  if (code === '' && isTyped(factor))
    return provePage(here, enrolling, { error: { is: 'code_missing' }, status: 400 })
  if (code === '' && FACTORS[factor].answeredBy === 'json') return provePage(here, enrolling, {})
  const outcome = await proveOwn(here.d, enrolling, code)
  switch (outcome.is) {
    case 'added':
      return added(here, factor, outcome)
    case 'wrong':
      return provePage(here, enrolling, {
        error: { is: 'wrong_code', triesLeft: outcome.triesLeft },
        status: 401,
      })
    case 'pending':
      return provePage(here, enrolling, { error: { is: 'still_pending' } })
    case 'denied':
    case 'lapsed':
      return provePage(here, enrolling, { error: { is: outcome.is } })
    case 'ended':
      return offerPage(here, { status: 401 })
  }
}

/** More has been proved now: the session goes on under a new id. */
function added(
  { caller: { session } }: Here,
  kind: FactorKind,
  { amr }: Extract<ProofOutcome, { is: 'added' }>,
): Reply {
  const isBackup = FACTORS[kind].standing === 'backup'
  const more = {
    amr: [...new Set([...session.amr, ...amr, 'mfa'])],
    passed: [...new Set([...session.passed, kind])],
  }
  const start = isBackup ? session : { ...session, ...more }
  return {
    redirect: `/account?notice=${isBackup ? 'codes_made' : 'factor_added'}#factors`,
    session: { start },
  }
}

async function factorPage(
  { d, request, caller: { user } }: Here,
  id: number,
  state: Pick<FactorPageFacts, 'fault' | 'given'> = {},
): Promise<Reply> {
  const one = await ownFactor(d, user, id)
  const all = (await d.authenticators.listForUser(user.id)).filter(
    ({ factor }) => FACTORS[factor].standing !== 'backup',
  )
  const hint = d.factors[one.factor].hint(user, one)
  const view = factorPageView({
    page: request.page(),
    person: user,
    factor: { id: one.id, kind: one.factor, label: one.label, hint },
    canBeDefault: all.length > 1 && all[0]?.id !== one.id,
    isLast: all.length === 1,
    ...state,
  })
  return { page: 'account/factor.njk', view, status: state.fault === undefined ? 200 : 400 }
}

const params = z.looseObject({ id: z.coerce.number().int().positive().catch(0) })
const pathOf = (id: number) => `/account/factors/${id}`

const showFactor = (d: AccountPageDeps) =>
  endpoint({
    method: 'get',
    path: '/account/factors/:id',
    guard: signedIn(d),
    input: { params },
    async handle({ params: { id } }, { caller, request }): Promise<Reply> {
      await ownFactor(d, caller.user, id)
      if (!isFresh(d, caller.session)) return freshSignIn(pathOf(id))
      return factorPage(await hereOf(d, request, caller), id)
    },
  })

const changeBody = z.looseObject({ action: pageText(20), label: pageText(1000) })

const postFactor = (d: AccountPageDeps) =>
  endpoint({
    method: 'post',
    path: '/account/factors/:id',
    guard: signedIn(d),
    input: { params, body: changeBody },
    async handle({ params: { id }, body }, { caller, request }): Promise<Reply> {
      await ownFactor(d, caller.user, id)
      if (!isFresh(d, caller.session)) return freshSignIn(pathOf(id))
      const here = await hereOf(d, request, caller)
      switch (body.action ?? '') {
        case 'rename':
          return rename(here, id, (body.label ?? '').trim())
        case 'default':
          await makeOwnDefault(d, caller.user, id, originOf(request))
          return { redirect: '/account?notice=factor_default#factors' }
        case 'remove':
          return remove(here, id)
        default:
          return factorPage(here, id)
      }
    },
  })

async function rename(here: Here, id: number, label: string): Promise<Reply> {
  const { d, request, caller } = here
  if (label === '' || !isStorable(label)) return factorPage(here, id, { fault: 'empty', given: '' })
  if (Array.from(label).length > LABEL_MAX) return factorPage(here, id, { fault: 'long', given: label })
  await renameOwn(d, caller.user, id, label, originOf(request))
  return { redirect: '/account?notice=factor_renamed#factors' }
}

async function remove({ d, request, caller }: Here, id: number): Promise<Reply> {
  await removeOwn(d, caller.user, id, originOf(request))
  const start = await afterAllEnded(d, caller, request.sessionId)
  return { redirect: '/account?notice=factor_removed#factors', session: { start } }
}

/** Made by a press of a button and shown in its answer, nowhere else and never again. */
const postCodes = (d: OwnFactorDeps) =>
  endpoint({
    method: 'post',
    path: '/account/recovery-codes',
    guard: signedIn(d),
    async handle(_input, { caller: { user, session }, request }): Promise<Reply> {
      if (!isFresh(d, session)) return freshSignIn('/account')
      const codes = await generateRecoveryCodes(d, user, originOf(request))
      d.post.sendLater(user, changeLetter('codesMade', FACTORS.recovery_code.label))
      return { page: 'account/codes.njk', view: codesView(request.page(), user, codes) }
    },
  })

/** A person's second factors, each change behind a sign-in that is fresh. */
export const ownFactorRoutes = (d: OwnFactorDeps): Route<PageRequest>[] => [
  showNew(d),
  postNew(d),
  showFactor(d),
  postFactor(d),
  postCodes(d),
]
