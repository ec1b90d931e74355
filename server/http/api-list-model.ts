/** What a list of OneLogin's offers, as data. */

/** One attribute that a list can be filtered by. */
export interface Filter<C extends string> {
  column: C
  kind: 'text' | 'integer'
  /** The form in which the column is compared; without it the text as it is. */
  compared?: (text: string) => string
  /** Takes several values, separated by commas or one a key. */
  many?: true
}

/** What a list offers. Every filter and order stands for an index. */
export interface ListModel<C extends string> {
  /** As refusals call it: `x is not a valid attribute for user model`. */
  model: string
  path: string
  /** The attributes that `fields` may name, in the order of the resource. */
  fields: readonly string[]
  filters: Readonly<Record<string, Filter<C>>>
  sorts: Readonly<Record<string, { column: C; key: 'text' | 'number' }>>
  /** The time that `since` and `until` are about. */
  time?: C
  search?: true
}

/** Which spelling of the list's query a version of the API has. */
export interface ListDialect {
  maxLimit: number
  /** `true`: unknown keys are refused; API 1 ignores them. */
  strict: boolean
}

/** Items on a page when the client names no number. */
export const DEFAULT_LIMIT = 50
