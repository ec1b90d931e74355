/** Invitations, as the API's document shows them. */
import { z } from 'zod'
import { done, DONE, enveloped, envelopeOf } from '../http/api-schema.ts'
import { operations } from '../http/operation.ts'
import { BOB } from './operation-examples.ts'

const LINK = 'https://login.example.com/invite/1e2a5d9c0b7f48361e2a5d9c0b7f48361e2a5d9c'
const ONCE =
  'It opens a page on which the person chooses a password, once, within the time that the policy gives. A newer link ends an older one.'

export const INVITE_OPERATIONS = operations('Invitations', {
  getInviteLink: {
    summary: 'Get an invitation link',
    description: `Makes a link and sends nothing. ${ONCE} The e-mail is compared letter by letter.`,
    example: { body: { email: BOB.email } },
    answers: [
      { means: 'The link.', schema: enveloped(z.array(z.url()).length(1)), example: envelopeOf([LINK]) },
    ],
    refusals: [],
  },
  sendInviteLink: {
    summary: 'Send an invitation link',
    description: `Makes a link and sends it to the person, or to \`personal_email\`. ${ONCE}`,
    example: { body: { email: BOB.email, personal_email: 'bob@home.example' } },
    answers: [
      {
        means: 'The letter is on its way; the message says to whom.',
        schema: done,
        example: { status: { ...DONE.status, message: 'Email sent successfully to bob@home.example' } },
      },
    ],
    refusals: ['unavailable'],
  },
})
