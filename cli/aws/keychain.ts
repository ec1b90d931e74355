/** The system's keychain, by the program that each system has for it. Secrets go through its standard input, never by argument. */
import { spawnSync } from 'node:child_process'
import { environment } from './machine.ts'

/** Keeps one short secret under a name. */
export interface Keychain {
  name: string
  /** `undefined` when it is not there, or the keychain is locked. */
  read(id: string): string | undefined
  /** False when the keychain did not take it. */
  write(id: string, secret: string): boolean
  remove(id: string): void
}

const SERVICE = 'doorward-aws'
/** A keychain may ask its person for a password first. */
const PATIENCE_MS = 60_000

function run(program: string, args: readonly string[], input = ''): string | undefined {
  const { status, stdout } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  })
  return status === 0 ? stdout : undefined
}

const kept = (output: string | undefined): string | undefined => {
  const secret = output?.trim()
  return secret === undefined || secret === '' ? undefined : secret
}

/** GNOME Keyring, KWallet and others behind the Secret Service. */
const secretService: Keychain = {
  name: 'Secret Service',
  read: (id) => kept(run('secret-tool', ['lookup', 'service', SERVICE, 'id', id])),
  write: (id, secret) =>
    run('secret-tool', ['store', '--label=Doorward AWS', 'service', SERVICE, 'id', id], secret) !== undefined,
  remove: (id) => void run('secret-tool', ['clear', 'service', SERVICE, 'id', id]),
}

/** Apple's keychain: `security -i` reads its commands, and so the secret, from standard input. */
const appleKeychain: Keychain = {
  name: 'macOS keychain',
  read: (id) => kept(run('security', ['find-generic-password', '-s', SERVICE, '-a', id, '-w'])),
  write: (id, secret) =>
    run('security', ['-i'], `add-generic-password -U -s ${SERVICE} -a ${id} -w ${secret}\n`) !== undefined,
  remove: (id) => void run('security', ['delete-generic-password', '-s', SERVICE, '-a', id]),
}

const powershell = (script: string, input = ''): string | undefined =>
  run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], input)

/** Windows protects data for a user (DPAPI); what comes out is kept in the registry of that user. */
const dataProtection: Keychain = {
  name: 'Windows data protection',
  read: (id) =>
    kept(
      powershell(
        `$s = (Get-ItemProperty -Path 'HKCU:\\Software\\Doorward' -Name '${id}').'${id}' | ConvertTo-SecureString; ` +
          '[Net.NetworkCredential]::new("", $s).Password',
      ),
    ),
  write: (id, secret) =>
    powershell(
      `New-Item -Force -Path 'HKCU:\\Software\\Doorward' | Out-Null; $s = [Console]::In.ReadToEnd().Trim() | ` +
        `ConvertTo-SecureString -AsPlainText -Force | ConvertFrom-SecureString; ` +
        `Set-ItemProperty -Path 'HKCU:\\Software\\Doorward' -Name '${id}' -Value $s`,
      secret,
    ) !== undefined,
  remove: (id) => void powershell(`Remove-ItemProperty -Path 'HKCU:\\Software\\Doorward' -Name '${id}'`),
}

/** The keychain of this system, where there may be one. Without a session bus no Secret Service can answer. */
export function systemKeychain(platform: NodeJS.Platform = process.platform): Keychain | undefined {
  if (platform === 'darwin') return appleKeychain
  if (platform === 'win32') return dataProtection
  return environment().DBUS_SESSION_BUS_ADDRESS ? secretService : undefined
}
