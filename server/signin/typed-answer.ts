import { QUESTION_COUNT } from '../factors/security-questions.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import { pageText } from '../http/page-input.ts'

/** What the browser's API gives as JSON is longer than any code. */
export const ANSWER_MAX = 20_000

export const answerName = (question: number): string => `answer_${question}`
const NAMES = Array.from({ length: QUESTION_COUNT }, (_, question) => answerName(question))

/** The fields by which a form answers with a factor. */
export const ANSWER_FIELDS = {
  code: pageText(ANSWER_MAX),
  ...(Object.fromEntries(NAMES.map((name) => [name, pageText(200)])) as Record<
    `answer_${number}`,
    ReturnType<typeof pageText>
  >),
}

/** Whether it is typed in, so that an empty form is one that was sent too soon. */
export const isTyped = (kind: FactorKind): boolean => ['text', 'answers'].includes(FACTORS[kind].answeredBy)

type Given = { code?: string | undefined } & Partial<Record<string, unknown>>

/** Blanks are how people group digits; what a browser's API gave is taken as it is; answers go by their questions. */
export function typedAnswer(kind: FactorKind, given: Given): string {
  const { code = '' } = given
  switch (FACTORS[kind].answeredBy) {
    case 'json':
      return code
    case 'answers': {
      const said = NAMES.flatMap((name, question) => {
        const answer = given[name]
        return typeof answer === 'string' && answer.trim() !== '' ? [[String(question), answer] as const] : []
      })
      return said.length === 0 ? '' : JSON.stringify(Object.fromEntries(said))
    }
    case 'text':
    case 'poll':
      return code.replace(/\s/g, '')
  }
}
