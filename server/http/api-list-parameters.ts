/** The query of a list as JSON Schema, for the API's document. */
import { DEFAULT_LIMIT, type Filter, type ListDialect, type ListModel } from './api-list-model.ts'

type Schema = Record<string, unknown>

const filter = (name: string, { kind, many }: Filter<string>): Schema => {
  if (kind === 'text')
    return {
      type: 'string',
      description: `Only with this \`${name}\`. \`*\` stands for any text, a leading \`!\` for "not".`,
    }
  if (many)
    return {
      type: 'string',
      description: `Only with one of these, separated by commas; \`!\` in front: with none.`,
    }
  return {
    type: 'string',
    pattern: '^!?\\d{1,15}$',
    description: `Only with this \`${name}\`; \`!\` in front: without it.`,
  }
}

const time = (description: string): Schema => ({ type: 'string', format: 'date-time', description })
const text = (description: string): Schema => ({ type: 'string', description })

const CURSORS: Record<'two' | 'one', Schema> = {
  two: {
    after_cursor: text('Where the page before ended: its `pagination.after_cursor`.'),
    before_cursor: text('Backwards from there: its `pagination.before_cursor`.'),
  },
  one: { cursor: text('`After-Cursor` or `Before-Cursor` of the page before.') },
}

/** Every parameter that the list takes. */
export function listParameters(model: ListModel<string>, { maxLimit, strict }: ListDialect): Schema {
  const filters = Object.entries(model.filters).map(([name, of]) => [name, filter(name, of)] as const)
  const sorts = Object.keys(model.sorts).map((name) => `\`${name}\``)
  const limit = `At most this many, ${DEFAULT_LIMIT} when it is left out; more than ${maxLimit} counts as ${maxLimit}.`
  return {
    limit: { type: 'integer', minimum: 1, description: limit },
    ...CURSORS[strict ? 'one' : 'two'],
    sort: text(`\`+\` or \`-\` and one of ${sorts.join(', ')}.`),
    fields: text('Only these attributes, separated by commas; `id` is always there.'),
    ...(model.search && { search: text('Only with these words in name, e-mail or username.') }),
    ...(model.time && {
      since: time('Only what was created after this time.'),
      until: time('Only what was created before this time.'),
    }),
    ...Object.fromEntries(filters),
  }
}
