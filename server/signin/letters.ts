import type { Letter } from '../platform/mail.ts'

/** Tells the owner of an account what the sign-in page keeps quiet about. */
export const lockLetter = (to: string): Letter => ({
  to,
  subject: 'Signing in to your account is paused',
  text: [
    'Somebody entered a wrong password for your account several times, so signing in is paused for a while.',
    '',
    'If that was you, wait a little and try again, or ask your administrator to reset your password.',
    'If it was not you, your password still protects the account: tell your administrator.',
    '',
  ].join('\n'),
})

/** Tells the owner of an account that its password is another one now. */
export const passwordChangedLetter = (to: string): Letter => ({
  to,
  subject: 'Your password was changed',
  text: [
    'The password of your account was changed just now. You are signed out everywhere else.',
    '',
    'If that was you, there is nothing to do.',
    'If it was not you, tell your administrator at once.',
    '',
  ].join('\n'),
})
