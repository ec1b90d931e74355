import { expect, test } from 'vitest'
import { median, medianGap, rankSumP } from './support/statistics.ts'

const upTo = (n: number, shift = 0) => Array.from({ length: n }, (_, i) => ((i * 7919) % n) + shift)

test('median is the middle one, or the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), medianGap([1, 2, 3], [4, 5, 6])]).toEqual([2, 2.5, 3])
})

test('rankSumP sees a shift and no shift', () => {
  expect(rankSumP(upTo(101), upTo(101, 0.5))).toBeGreaterThan(0.8)
  expect(rankSumP(upTo(101), upTo(101, 20))).toBeLessThan(0.01)
  expect(rankSumP(upTo(101, 200), upTo(101))).toBeLessThan(1e-6)
})
