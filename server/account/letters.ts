import type { Write } from '../branding/post.ts'
import { MINUTE, SECOND } from '../platform/clock.ts'

/** How long the link opens. */
export const RESET_MINUTES = 30

/** The link by which a person who has forgotten their password chooses another one. */
export const resetLetter =
  (href: string): Write =>
  ({ t, duration }) => ({
    subject: t('password:letter.reset.subject'),
    opening: t('password:letter.reset.opening'),
    paragraphs: [
      t('password:letter.reset.life', { life: duration((RESET_MINUTES * MINUTE) / SECOND) }),
      t('password:letter.reset.notYou'),
    ],
    button: { text: t('password:choose.heading'), href },
  })

/** Tells somebody who may not sign in that a reset does not change that. */
export const noResetLetter: Write = ({ t }) => ({
  subject: t('password:letter.noReset.subject'),
  opening: t('password:letter.noReset.opening'),
  paragraphs: [t('password:letter.noReset.todo'), t('password:letter.reset.notYou')],
})

/** Changes of an account that its owner is told of, in case they were somebody else's. */
export type Told = 'factorAdded' | 'factorRemoved' | 'codesMade' | 'sessionsEnded'

/** `what`: the name of what changed, as its owner calls it. */
export const changeLetter =
  (told: Told, what: string): Write =>
  ({ t }) => ({
    subject: t(`account:letter.${told}.subject`),
    opening: t(`account:letter.${told}.opening`, { what }),
    paragraphs: [t('account:letter.you'), t('account:letter.notYou')],
  })
