import { beforeAll, describe, expect, test } from 'vitest'
import { build } from '../support/doorward.ts'
import { openShell } from './shell.ts'

beforeAll(() => build(), 120_000)

describe('doorward legacy-keys', () => {
  test('make a key that is shown once, list it without it, and disable it', async () => {
    const { doorward } = await openShell()
    const stdin = '{"users":[{"id":7,"email":"sally@acme.test"}]}'
    await doorward(['import', '-'], { stdin })
    const made = await doorward(['legacy-keys', 'create', 'old script', '--scope', 'Read All'])
    expect(made).toEqual({ code: 0, out: expect.stringMatching(/^[0-9a-f]{40}\n$/), err: '' })
    const owned = ['legacy-keys', 'create', 'sally', '--scope', 'Manage Users', '--owner', 'Sally@acme.test']
    expect((await doorward(owned)).code).toBe(0)
    expect((await doorward(['legacy-keys', 'disable', 'sally'])).out).toBe('Disabled: sally\n')
    const { out } = await doorward(['legacy-keys', 'list'])
    expect(out.split('\n').map((line) => line.replace(/\d{4}-\S+Z/, 'TIME'))).toEqual([
      'old script\tRead All\tenabled\tTIME\tno owner',
      'sally\tManage Users\tdisabled\tTIME\towner 7',
      '',
    ])
    expect(out).not.toContain(made.out.trim())
  })

  test('refuse what does not fit, and change nothing', async () => {
    const { doorward } = await openShell()
    await doorward(['legacy-keys', 'create', 'ci', '--scope', 'Read All'])
    const refused = async (...args: string[]) => {
      const { code, out, err } = await doorward(['legacy-keys', ...args])
      expect(out).toBe('')
      return [code, err]
    }
    const all = ['--scope', 'Read All']
    expect(await refused('create', 'ci', ...all)).toEqual([1, expect.stringContaining('Choose another')])
    expect(await refused('create', 'a\tb', ...all)).toEqual([
      1,
      expect.stringContaining('control characters'),
    ])
    expect(await refused('create', 'x', ...all, '--owner', 'nobody')).toEqual([
      1,
      expect.stringContaining('Nobody has'),
    ])
    expect(await refused('create', 'x')).toEqual([2, expect.stringContaining('--scope')])
    expect(await refused('create', 'x', '--scope', 'All')).toEqual([2, expect.stringContaining('Read Users')])
    expect(await refused('disable', 'nope')).toEqual([1, expect.stringContaining('No key has the name nope')])
    expect((await doorward(['legacy-keys', 'list'])).out.split('\n')).toHaveLength(2)
  })
})
