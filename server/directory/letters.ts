import type { Write } from '../branding/post.ts'
import { HOUR, SECOND } from '../platform/clock.ts'
import type { User } from './user.ts'

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
