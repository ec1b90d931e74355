import { expect, test } from 'vitest'
import { keptByObject, keptByText } from '../../server/platform/kept.ts'

test('the same text is read once, and gives the same value', () => {
  let reads = 0
  const read = keptByText((text) => {
    reads++
    return JSON.parse(text) as { list: number[] }
  })
  const first = read('{"list":[1]}')
  expect(read('{"list":[1]}')).toBe(first)
  expect(read('{"list":[2]}')).toEqual({ list: [2] })
  expect(reads).toBe(2)
})

test('nobody changes what others read', () => {
  const read = keptByText((text) => JSON.parse(text) as { list: number[] })
  expect(() => read('{"list":[1]}').list.push(2)).toThrow(TypeError)
})

test('only so many texts are kept, the newest', () => {
  let reads = 0
  const read = keptByText((text) => ++reads && text, 2)
  for (const text of ['a', 'b', 'c', 'b', 'c', 'a']) read(text)
  expect(reads).toBe(4)
})

test('a text that cannot be read is refused each time', () => {
  const read = keptByText((text): unknown => JSON.parse(text))
  expect(() => read('{')).toThrow(SyntaxError)
  expect(() => read('{')).toThrow(SyntaxError)
})

test('nobody changes what was made of an object for others too', () => {
  const make = keptByObject((from: object) => ({ from, list: [1] }))
  expect(() => make({}).list.push(2)).toThrow(TypeError)
})

test('a thing is made of an object once, and of what is no object each time', () => {
  let made = 0
  const make = keptByObject((from: unknown) => ({ from, made: ++made }))
  const settings = {}
  expect(make(settings)).toBe(make(settings))
  expect(make({})).not.toBe(make(settings))
  make(null)
  make(null)
  expect(made).toBe(4)
})
