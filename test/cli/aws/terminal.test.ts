import { beforeAll, expect, test } from 'vitest'
import { importDirectory } from '../../../server/directory/import-document.ts'
import { company } from '../../support/people.ts'
import { aLaptop, COMMAND, type Laptop, serverAndAws, signedInLaptop } from './laptop.ts'

const at = serverAndAws()
beforeAll(async () => {
  // Bob is given every role: who holds one is never asked which.
  const document = company()
  const [aws, ...others] = document.apps!
  const all = (aws as { aws: { roles: { directory_roles: number[] }[] } }).aws.roles
  const roles = all.map((role) => ({ ...role, directory_roles: all.flatMap((one) => one.directory_roles) }))
  await importDirectory(at.app.ctx, { ...document, apps: [{ ...aws!, aws: { roles } } as never, ...others] })
})

/** A command in a terminal of its own; what is typed comes once the screen shows that it is asked for. */
async function inTerminal(laptop: Laptop, command: string, answers: [asked: RegExp, typed: string][]) {
  const program = `'${process.execPath}' '${COMMAND}' aws ${command}`
  return laptop.typing('script', ['-qefc', program, '/dev/null'], answers)
}

test('a menu of roles is on the terminal, and what a program reads stays clean', async () => {
  const laptop = await signedInLaptop(at.app, at.sts)
  const { code, stdout: screen } = await inTerminal(laptop, 'env --shell bash > lines', [
    [/AWS role/, 'Dev'],
    [/❯ 111122223333\/Dev/, '\r'],
  ])
  expect(code, screen).toBe(0)
  expect(screen).toContain('Dev')
  expect(laptop.read('lines')).toMatch(/^((export AWS_\w+='[^']*'|unset AWS_\w+)\n)+$/)
})

test('without a terminal a role that is not named is an error at once', async () => {
  const laptop = await signedInLaptop(at.app, at.sts)
  const { code, stdout, stderr } = await laptop.aws(['env'])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/--role/)
})

test('a code is asked for on the terminal although standard input is a pipe', async () => {
  const laptop = await aLaptop(at.app, at.sts)
  const { code, stdout: screen } = await inTerminal(laptop, 'login --no-browser < /dev/null', [
    [/Code: /, 'nonsense\n'],
  ])
  expect(code, screen).toBe(3)
  expect(screen).toContain('this code is of another sign-in, or not whole; run it again')
})
