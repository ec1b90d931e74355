import type { Post, Write } from '../branding/post.ts'
import { factorFailed } from '../events/events.ts'
import type { Transact } from '../stores.ts'
import type { WebauthnDeps } from './webauthn.ts'

/** Tells the owner of a security key that somebody may have made another one like it. */
const copiedKeyLetter =
  (key: string): Write =>
  ({ t }) => ({
    subject: t('codes:letter.copied.subject'),
    opening: t('codes:letter.copied.opening', { key }),
    paragraphs: [t('codes:letter.copied.todo')],
  })

/** Notes a key whose count has not risen, and tells its owner after the answer. The key is refused all the while. */
export const tellOfCopiedKey =
  (d: { transact: Transact; post: Pick<Post, 'sendLater'> }): WebauthnDeps['onCopied'] =>
  async ({ user, authenticator: { id, label }, asked }) => {
    const why = 'the count of its signatures has not risen: it may have been copied'
    await d.transact(({ events }) =>
      events.append(factorFailed(asked.origin, user, { id, name: label }, why)),
    )
    d.post.sendLater(user, copiedKeyLetter(label))
  }
