/** How a list is asked for and given, whatever it lists. Pages run by key, so their cost does not grow with depth. */

/** What a page starts behind: the value it is sorted by, and the id that tells equal values apart. */
export interface Place {
  key: string | number
  id: number
}

/** What must hold of a value. */
export type Test =
  | { is: 'equal'; to: string | number }
  | { is: 'oneOf'; values: readonly number[] }
  /** These texts in this order, with anything between them: `['', '@acme.test']` ends in @acme.test. */
  | { is: 'like'; parts: readonly string[] }
  | { is: 'above' | 'below'; than: number }

/** What must hold of a column, or with `not` must not. Nothing stored is not equal to anything. */
export interface Condition<C extends string> {
  column: C
  not: boolean
  test: Test
}

/** One page of a list whose rows have the columns `C`. */
export interface ListQuery<C extends string> {
  where: readonly Condition<C>[]
  /** Text that something a row is known by begins with; then pages run in the order of what was found. */
  search: string | undefined
  sort: { column: C; descending: boolean }
  limit: number
  /** Rows to leave out first, for clients that count pages; only in id order, and it costs what is left out. */
  skip?: number
  from: (Place & { direction: 'after' | 'before' }) | undefined
}

/** Where the pages before and after this one begin; `undefined` where there is none. */
export interface ListPage<T> {
  items: T[]
  before: Place | undefined
  after: Place | undefined
}
