import { pageView, type LinkView, type PageFacts, type PageView } from '../branding/page.ts'
import type { ProblemCode } from '../errors.ts'
import type { Words } from '../language/text-keys.ts'

/** All that `views/error/error.njk` may read. */
export interface ErrorView extends PageView {
  words: Words<'error:words'>
  heading: string
  happened: string
  todo: string
  reference: string
  link: LinkView
}

export type ErrorPageCode = ProblemCode | 'internal'

export interface ErrorFacts {
  page: PageFacts
  status: number
  code: ErrorPageCode
  requestId: string
  retryAfterSeconds?: number | undefined
}

/** What the page is about; several codes may mean the same to a person. */
type About =
  | 'bad_input'
  | 'too_large'
  | 'not_here'
  | 'conflict'
  | 'not_allowed'
  | 'program'
  | 'too_many'
  | 'reload'
  | 'no_sign_in'
  | 'start_again'
  | 'wrong_codes'
  | 'no_factor'
  | 'sign_in_first'
  | 'no_app'
  | 'later'
  | 'busy'
  | 'our_fault'

const ABOUT: Record<ErrorPageCode, About> = {
  invalid_request: 'bad_input',
  invalid_json: 'bad_input',
  invalid_content_type: 'bad_input',
  payload_too_large: 'too_large',
  no_route: 'not_here',
  not_found: 'not_here',
  conflict: 'conflict',
  authorization_malformed: 'program',
  client_credentials_missing: 'program',
  authentication_failure: 'program',
  insufficient_permission: 'not_allowed',
  invalid_grant_type: 'program',
  invalid_refresh_token: 'program',
  access_token_missing: 'program',
  rate_limited: 'too_many',
  cross_site: 'reload',
  csrf_invalid: 'reload',
  invalid_credentials: 'no_sign_in',
  account_locked: 'no_sign_in', // the same words: nobody may learn here that an account is paused
  account_not_active: 'no_sign_in',
  invalid_subdomain: 'not_here',
  attempt_invalid: 'start_again',
  factor_failed: 'wrong_codes',
  no_usable_factor: 'no_factor',
  session_token_invalid: 'start_again',
  sign_in_required: 'sign_in_first',
  app_not_assigned: 'no_app',
  oauth_refused: 'bad_input',
  beyond_privileges: 'not_allowed',
  unavailable: 'later',
  busy: 'busy',
  internal: 'our_fault',
}

const TO_SIGN_IN: ReadonlySet<About> = new Set<About>([
  'no_sign_in',
  'start_again',
  'wrong_codes',
  'no_factor',
  'sign_in_first',
])

/** A refusal in people's words: what happened, what to do now, and a reference for whoever helps. */
export function errorView({ page, status, code, requestId, retryAfterSeconds }: ErrorFacts): ErrorView {
  const { t, words, duration } = page.language
  const about = ABOUT[code]
  const heading = t(`error:about.${about}.heading`)
  return {
    ...pageView(page, heading, true),
    words: words('error:words'),
    heading,
    happened: t(`error:about.${about}.happened`),
    todo:
      retryAfterSeconds === undefined
        ? t(`error:about.${about}.todo`)
        : t('error:tryAgainIn', { wait: duration(retryAfterSeconds) }),
    reference: `${status} · ${requestId}`,
    link: TO_SIGN_IN.has(about)
      ? { text: t('error:link.signIn'), href: '/login' }
      : { text: t('error:link.home'), href: '/' },
  }
}
