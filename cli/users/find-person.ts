import { Stopped, type Api, type Person } from './api.ts'
import { COLUMNS, type Column, type Row } from './rows.ts'

/** Whom a row names. */
export type Found = { is: 'person'; person: Person } | { is: 'nobody' } | { is: 'ambiguous'; why: string }

/** How names are compared: case and spelling variants of Unicode do not make another person. */
const key = (text: string): string => text.normalize('NFKC').trim().toLowerCase()

/** Everybody whom one cell names. The answer is held against the question: a server that ignores a filter deletes nobody. */
async function named(api: Api, column: Column, value: string): Promise<Person[]> {
  if (column === 'id') {
    const people = await api.byId(value)
    return people.filter((person) => String(person.id) === value)
  }
  const people = await api.byName(column, value)
  const meant = people.filter((person) => key(person[column]) === key(value))
  if (people.length > 0 && meant.length === 0) {
    throw new Stopped(`Asked for the ${column} ${value}, the server answers with other people.`)
  }
  return meant
}

const has = (person: Person, column: Column, value: string): boolean =>
  column === 'id' ? String(person.id) === value : key(person[column]) === key(value)

/** Finds the one person whom every cell of the row names. */
export async function findPerson(api: Api, { cells }: Row): Promise<Found> {
  const given = COLUMNS.flatMap((column) => {
    const value = cells[column]
    return value === undefined ? [] : [{ column, value }]
  })
  const answers: { column: Column; value: string; people: Person[] }[] = []
  for (const { column, value } of given) {
    const people = await named(api, column, value)
    if (people.length > 1) return { is: 'ambiguous', why: `${column} ${value} is ${idsOf(people)}` }
    const [only] = people
    if (only && answers.length === 0 && given.every((cell) => has(only, cell.column, cell.value))) {
      // A name that several people have is no name, though another cell fits one of them.
      if (column === 'id' || given.length === 1) return { is: 'person', person: only }
    }
    answers.push({ column, value, people })
  }
  const ids = new Set(answers.map(({ people }) => people[0]?.id))
  const person = answers[0]?.people[0]
  if (ids.size === 1) return person ? { is: 'person', person } : { is: 'nobody' }
  const says = answers.map(({ column, value, people }) => `${column} ${value} is ${idsOf(people)}`)
  return { is: 'ambiguous', why: says.join(', ') }
}

const idsOf = (people: readonly Person[]): string =>
  people.length === 0 ? 'nobody' : people.map(({ id }) => id).join(' and ')
