import { z } from 'zod'
import type { User } from '../directory/user.ts'
import type { PasswordHasher } from '../platform/password-hash.ts'
import type { Sealer } from '../platform/sealing.ts'
import { openSecret } from './authenticator-store.ts'
import { RIGHT, WRONG, type Factor, type Verdict } from './factor.ts'

/** As many as there are texts for; a new one goes to the end. */
export const QUESTION_COUNT = 8
/** A person answers so many of them, and all of those to sign in. */
const ANSWERED = 3
const SHORTEST = 3

const ids = z
  .number()
  .int()
  .min(0)
  .max(QUESTION_COUNT - 1)
/** Which were answered, and one hash of all the answers together. */
const keptSchema = z.strictObject({ questions: z.array(ids).length(ANSWERED), hash: z.string() })
type Kept = z.output<typeof keptSchema>

/** Answers by the id of their question, as the doors hand them over. */
const answersSchema = z.record(z.string().regex(/^\d$/), z.string().max(200))

/** People do not remember how they wrote it: capitals, blanks and signs are left aside. */
const plain = (answer: string): string =>
  answer
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{P}\p{Z}\p{C}]/gu, '')

function answersIn(text: string): Map<number, string> {
  try {
    const given = answersSchema.parse(JSON.parse(text))
    const entries = Object.entries(given).map(([id, answer]) => [Number(id), plain(answer)] as const)
    return new Map(entries.filter(([, answer]) => answer !== ''))
  } catch {
    return new Map()
  }
}

/** Three that tell something: long enough, no two alike, and not the person's name. */
function areGood(answers: ReadonlyMap<number, string>, user: User): boolean {
  const { firstname, lastname, email, username } = user
  const names = [firstname, lastname, email, email.split('@')[0] ?? '', username].map(plain)
  const values = [...answers.values()]
  return (
    values.length === ANSWERED &&
    new Set(values).size === ANSWERED &&
    values.every((answer) => Array.from(answer).length >= SHORTEST && !names.includes(answer))
  )
}

const inOrder = (questions: readonly number[], answers: ReadonlyMap<number, string>): string =>
  questions.map((id) => answers.get(id) ?? '').join('\n')

/**
 * Answers that others may know as well: NIST SP 800-63B forbids them, so nobody has them until a policy names them, and
 * nobody is asked who has anything stronger. Only a slow hash of all three together is kept.
 */
export function securityQuestionsFactor({
  sealer,
  hasher,
}: {
  sealer: Sealer
  hasher: Pick<PasswordHasher, 'hash' | 'verify'>
}): Factor {
  const keptBy = (secret: string | null): Kept | undefined =>
    secret === null ? undefined : keptSchema.parse(JSON.parse(secret))
  return {
    suits: () => true,
    hint: () => '',
    begin: async () => null,
    setup: () => ({ is: 'questions', questions: Array.from({ length: QUESTION_COUNT }, (_, id) => id) }),
    async challenge({ authenticator }) {
      const { questions = [] } = keptBy(openSecret(sealer, authenticator)) ?? {}
      return { is: 'nothing_to_send', shows: { questions } }
    },
    async prove({ user }, text): Promise<Verdict> {
      const answers = answersIn(text)
      if (!areGood(answers, user)) return WRONG
      const questions = [...answers.keys()].sort((a, b) => a - b)
      const kept: Kept = { questions, hash: await hasher.hash(inOrder(questions, answers)) }
      return { is: 'right', keeps: JSON.stringify(kept) }
    },
    async verify({ authenticator }, text): Promise<Verdict> {
      const kept = keptBy(openSecret(sealer, authenticator))
      const right = await hasher.verify(kept?.hash ?? null, inOrder(kept?.questions ?? [], answersIn(text)))
      return kept && right ? RIGHT : WRONG
    },
  }
}
