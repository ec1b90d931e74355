import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Sealer } from '../platform/sealing.ts'
import { approverOf, type Subscription } from './approver.ts'
import type { Authenticator } from './authenticator-store.ts'
import { RIGHT, type ChallengeOutcome, type Factor, type Shown, type Verdict } from './factor.ts'
import type { PushRequest, PushRequests } from './push-request.ts'

interface PushDeps {
  sealer: Sealer
  requests: PushRequests
  /** Knocks at a browser that has no page of ours open. Nobody waits for it. */
  knock: (user: User, authenticator: Authenticator, subscription: Subscription) => void
}

/** A browser in which the person is signed in already approves, by the number that the other one shows. */
export function pushFactor({ sealer, requests, knock }: PushDeps): Factor {
  const showing = (request: PushRequest): Shown | undefined =>
    request.number === undefined
      ? undefined
      : { number: request.number, secondsLeft: requests.secondsLeft(request) }

  return {
    suits: (_user, authenticator) => authenticator?.sealedSecret !== null,
    hint: (_user, { label }) => label,
    begin: () =>
      Promise.reject(
        new Problem('invalid_request', { message: 'It is set up in the browser that is to approve' }),
      ),
    setup: () => ({ is: 'elsewhere' }),
    async challenge(q): Promise<ChallengeOutcome> {
      const asked = await requests.ask(q)
      if (asked.is === 'locked') return asked
      if ('waitSeconds' in asked) return asked
      const shows = showing(asked.request)
      if (asked.is === 'too_soon') return { is: asked.is, shows }
      const subscription = approverOf(sealer, q.authenticator)?.subscription
      if (subscription) knock(q.user, q.authenticator, subscription)
      return { is: 'sent', shows }
    },
    async verify(q): Promise<Verdict> {
      const answer = await requests.answerTo(q)
      switch (answer) {
        case 'approved':
          return RIGHT
        case 'waiting': {
          const request = await requests.waiting(q.user.id, q.attemptId)
          return { is: 'pending', shows: request && showing(request) }
        }
        case 'denied':
        case 'lapsed':
          return { is: answer }
      }
    },
    async waitsFor(userId, attemptId) {
      const request = await requests.waiting(userId, attemptId)
      return request && requests.secondsLeft(request)
    },
  }
}
