import type { User } from '../directory/user.ts'
import { chooseLanguage } from '../language/language.ts'
import type { Languages } from '../language/languages.ts'
import type { Background } from '../platform/background.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { Transact } from '../stores.ts'
import { keepSubscription, type Subscription } from './approver.ts'
import type { Authenticator } from './authenticator-store.ts'
import type { WebPush } from './web-push.ts'

interface KnockDeps {
  languages: Languages
  background: Background
  sealer: Sealer
  transact: Transact
  webPush: Pick<WebPush, 'send'>
}

/**
 * Tells a person's browser that there is something to look at, and nothing of it: a lock screen shows it to everybody.
 * A browser that is reached there no more is not tried again.
 */
export const knockBy =
  (d: KnockDeps) =>
  (user: User, authenticator: Authenticator, subscription: Subscription): void => {
    const text = d.languages[chooseLanguage({ person: user })].t('factors:approve.knock')
    d.background.start(Promise.resolve(), async () => {
      if ((await d.webPush.send(subscription, text)) === 'gone')
        await keepSubscription(d, authenticator, undefined)
    })
  }
