import { z } from 'zod'
import { isStorable } from './api-input.ts'

/** One field of a form or query: text or missing, at most `max` characters. A field sent twice is refused. */
export const pageText = (max: number) =>
  z.string().max(max).refine(isStorable, { error: 'has characters that are not allowed' }).optional()
