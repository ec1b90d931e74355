import { pageView, type LinkView, type PageFacts, type PageView } from '../branding/page.ts'
import type { ProblemCode } from '../errors.ts'

/** All that `views/error/error.njk` may read. */
export interface ErrorView extends PageView {
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

interface Words {
  heading: string
  happened: string
  todo: string
  link?: LinkView
}

const HOME: LinkView = { text: 'Go to your apps', href: '/' }
const SIGN_IN: LinkView = { text: 'Go to sign-in', href: '/login' }

const BAD_INPUT: Words = {
  heading: 'We could not read that',
  happened: 'Your browser sent something this page did not expect. Nothing has been changed.',
  todo: 'Go back, reload the page and try again.',
}
const NOT_HERE: Words = {
  heading: 'This page does not exist',
  happened: 'The address may be mistyped, or the page has moved.',
  todo: 'Check the address, or start from your apps.',
}
const NOT_ALLOWED: Words = {
  heading: 'You may not do this',
  happened: 'You are signed in, but your account does not have the right for this.',
  todo: 'If you need it for your work, ask your administrator.',
}
const PROGRAM: Words = {
  heading: 'This address is for programs',
  happened: 'It was called without credentials that are valid here.',
  todo: 'If you did not expect this, close the page. If you run the program, check its API credential.',
}
const START_AGAIN: Words = {
  heading: 'This sign-in is no longer valid',
  happened: 'It took too long, was already used, or was started in another way. Your account is safe.',
  todo: 'Please sign in again.',
  link: SIGN_IN,
}
const RELOAD: Words = {
  heading: 'This page was open for too long',
  happened:
    'For your safety, forms stop working after a while or when they are sent from another site. Nothing has been changed.',
  todo: 'Go back, reload the page and try again.',
}
const NO_SIGN_IN: Words = {
  heading: 'We could not sign you in',
  happened: 'What you entered does not match an account that can sign in.',
  todo: 'Please try again. If it keeps failing, ask your administrator.',
  link: SIGN_IN,
}
const OUR_FAULT: Words = {
  heading: 'Something went wrong on our side',
  happened: 'This is our mistake, not yours. It has been recorded.',
  todo: 'Please try again in a minute. If it keeps happening, tell your administrator the reference below.',
}
const LATER: Words = {
  heading: 'This is not available right now',
  happened: 'A part of the portal cannot be reached. Your data is safe.',
  todo: 'Please try again in a minute.',
}

const WORDS: Record<ErrorPageCode, Words> = {
  invalid_request: BAD_INPUT,
  invalid_json: BAD_INPUT,
  invalid_content_type: BAD_INPUT,
  payload_too_large: { ...BAD_INPUT, happened: 'What was sent is too large. Nothing has been changed.' },
  no_route: NOT_HERE,
  not_found: NOT_HERE,
  conflict: {
    heading: 'Somebody else was faster',
    happened: 'This was changed at the same time in another place. Your change was not made.',
    todo: 'Go back, reload the page and look at it again.',
  },
  authorization_malformed: PROGRAM,
  client_credentials_missing: PROGRAM,
  authentication_failure: PROGRAM,
  insufficient_permission: NOT_ALLOWED,
  invalid_grant_type: PROGRAM,
  invalid_refresh_token: PROGRAM,
  access_token_missing: PROGRAM,
  rate_limited: {
    heading: 'Too many requests',
    happened: 'There were many requests in a short time from your network.',
    todo: 'Please wait a moment and try again.',
  },
  cross_site: RELOAD,
  csrf_invalid: RELOAD,
  invalid_credentials: NO_SIGN_IN,
  account_locked: NO_SIGN_IN, // the same words: nobody may learn here that an account is paused
  account_not_active: NO_SIGN_IN,
  invalid_subdomain: NOT_HERE,
  attempt_invalid: START_AGAIN,
  factor_failed: { ...START_AGAIN, happened: 'The code was not right too many times. Your account is safe.' },
  no_usable_factor: {
    heading: 'You need a second way to prove it is you',
    happened: 'Your company asks for a code besides the password, and none is set up for you.',
    todo: 'Ask your administrator to add one, then sign in again.',
    link: SIGN_IN,
  },
  session_token_invalid: START_AGAIN,
  sign_in_required: {
    heading: 'Please sign in',
    happened: 'This page is only for people who are signed in.',
    todo: 'Sign in, then open it again.',
    link: SIGN_IN,
  },
  app_not_assigned: {
    heading: 'You do not have this app',
    happened: 'You are signed in, but this app has not been given to you.',
    todo: 'If you need it for your work, ask your administrator.',
  },
  beyond_privileges: NOT_ALLOWED,
  unavailable: LATER,
  busy: {
    ...LATER,
    heading: 'Many people are here right now',
    happened: 'The portal is answering as fast as it can.',
    todo: 'Please try again in a few seconds.',
  },
  internal: OUR_FAULT,
}

const wait = (seconds: number): string => {
  if (seconds < 90) return seconds === 1 ? '1 second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}

/** A refusal in people's words: what happened, what to do now, and a reference for whoever helps. */
export function errorView({ page, status, code, requestId, retryAfterSeconds }: ErrorFacts): ErrorView {
  const words = WORDS[code]
  return {
    ...pageView(page, words.heading, true),
    heading: words.heading,
    happened: words.happened,
    todo: retryAfterSeconds === undefined ? words.todo : `Please try again in ${wait(retryAfterSeconds)}.`,
    reference: `${status} · ${requestId}`,
    link: words.link ?? HOME,
  }
}
