import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const check = (path: string) =>
  spawnSync('/bin/sh', ['test/prerequisites.sh'], { env: { PATH: path }, encoding: 'utf8' })

/** A PATH with nothing on it but what the script itself needs, and the given programs. */
async function poorMachine(programs: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doorward-path-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const tool of ['id', 'env']) await symlink(`/usr/bin/${tool}`, join(folder, tool))
  for (const [name, script] of Object.entries({ sudo: 'exec "$@"', ...programs })) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, name), 0o755)
  }
  return folder
}

test('prerequisites.sh says nothing, soon, when every part is there', () => {
  const start = performance.now()
  const { status, stdout, stderr } = check(process.env.PATH!)
  expect([status, stdout, stderr]).toEqual([0, '', ''])
  expect(performance.now() - start).toBeLessThan(1000) // 6 ms by itself; a busy machine may take longer
})

test('prerequisites.sh names what is missing and fails where there is no apt-get', async () => {
  const { status, stderr } = check(await poorMachine())
  expect(status).toBe(1)
  expect(stderr).toContain(
    'missing: redis-server postgresql chromium xmlsec1 libxml2-utils oathtool openssl awscli faketime gnome-keyring libsecret-tools dbus zsh fish openssh-client',
  )
})

test('prerequisites.sh updates once, installs what is missing only, and fails when that did not help', async () => {
  const { status, stderr } = check(
    await poorMachine({ 'apt-get': 'echo "apt-get $@"', aws: '', chromium: '' }),
  )
  expect(status).toBe(1)
  expect(stderr.match(/^apt-get .*/gm)).toEqual([
    'apt-get update -q',
    'apt-get install -y -q --no-install-recommends redis-server postgresql xmlsec1 libxml2-utils oathtool openssl faketime gnome-keyring libsecret-tools dbus zsh fish openssh-client',
  ])
  expect(stderr).toContain(
    'still missing after the installation: redis-server postgresql xmlsec1 libxml2-utils oathtool openssl faketime gnome-keyring libsecret-tools dbus zsh fish openssh-client',
  )
})

test('prerequisites.sh fails when apt-get fails', async () => {
  const { status, stderr } = check(await poorMachine({ 'apt-get': 'exit 100' }))
  expect([status, stderr.includes('apt-get update failed')]).toEqual([1, true])
})
