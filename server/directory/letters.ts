import type { Write } from '../branding/post.ts'
import { maskedEmail } from '../factors/masked.ts'
import { HOUR, SECOND } from '../platform/clock.ts'
import type { User } from './user.ts'

/** Tells both mailboxes that letters of the account go to another one from now on. */
export const addressLetter =
  (before: string, after: string): Write =>
  ({ t }) => ({
    subject: t('account:letter.address.subject'),
    opening:
      after === ''
        ? t('account:letter.address.removed', { before: maskedEmail(before) })
        : t('account:letter.address.opening', { before: maskedEmail(before), after: maskedEmail(after) }),
    paragraphs: [t('account:letter.address.notExpected')],
  })

/** Asks somebody in, with the link by which they choose their password. */
export const inviteLetter =
  ({ firstname }: Pick<User, 'firstname'>, company: string, href: string, lifeHours: number): Write =>
  ({ t, duration }) => ({
    subject: t('password:letter.invite.subject', { company }),
    opening:
      firstname === ''
        ? t('password:letter.invite.openingNameless', { company })
        : t('password:letter.invite.opening', { name: firstname, company }),
    paragraphs: [
      t('password:letter.invite.life', { life: duration((lifeHours * HOUR) / SECOND) }),
      t('password:letter.invite.notYou'),
    ],
    button: { text: t('password:letter.invite.button'), href },
  })
