import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { CliFault } from './fault.ts'
import { environment, homeFolder, newId, userMark } from './machine.ts'

/** Where this command keeps its state: `$DOORWARD_HOME`, else `~/.doorward`. */
export const homePath = (): string => environment().DOORWARD_HOME ?? join(homeFolder(), '.doorward')

const NAME = /^[\w-]{1,64}$/

/** The name of a session, if it can be one of a file too. @throws CliFault */
export function sessionName(name: string): string {
  if (NAME.test(name)) return name
  throw new CliFault('usage', 'A session name has letters, digits, - and _ only, at most 64')
}

export const paths = {
  session: (name: string) => join(homePath(), 'sessions', `${name}.json`),
  clock: (name: string) => join(homePath(), 'clocks', `${name}.json`),
  roles: (name: string) => join(homePath(), 'roles', `${name}.json`),
  cache: (key: string) => join(homePath(), 'cache', `${key}.json`),
  cacheFolder: () => join(homePath(), 'cache'),
  aliases: () => join(homePath(), 'aliases.json'),
  durations: () => join(homePath(), 'durations.json'),
  vault: () => join(homePath(), 'vault.json'),
  locks: () => join(homePath(), 'locks'),
}

/** Makes the folder for the one user alone, or says what is in its way. @throws CliFault */
export function openHome(): string {
  const home = homePath()
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new CliFault('usage', `${home} cannot be made: ${(cause as Error).message}`)
  }
  const why = whyUnsafe(home)
  if (why !== undefined) throw new CliFault('usage', why)
  return home
}

/** Why a folder is none to keep secrets in; `undefined` when it is. Windows keeps a profile's folders to itself. */
export function whyUnsafe(home: string): string | undefined {
  const entry = lstatSync(home)
  const { mode, uid } = entry
  if (entry.isSymbolicLink()) return undefined // somebody has put it elsewhere on purpose
  if (!entry.isDirectory()) return `${home} is no folder: move it out of the way`
  if (uid !== 0 && String(uid) !== userMark() && process.platform !== 'win32')
    return `${home} belongs to somebody else`
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    return `${home} can be read by others: run "chmod 700 ${home}"`
  return undefined
}

/** What a file of ours holds; `undefined` when there is none, or nothing whole. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch {
    return undefined
  }
}

/** Writes a file whole or not at all, readable by its owner alone: a reader never meets half of it. @throws CliFault */
export function writeJson(path: string, value: unknown): void {
  try {
    openHome()
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeWhole(path, `${JSON.stringify(value)}\n`, 0o600)
  } catch (cause) {
    if (cause instanceof CliFault) throw cause
    throw new CliFault('usage', `${path} cannot be written: ${(cause as Error).message}`)
  }
}

/** Writes what can be had again: where it cannot be kept, what it was needed for goes on without it. */
export function writeIfPossible(path: string, value: unknown): void {
  try {
    writeJson(path, value)
  } catch (error) {
    if (!(error instanceof CliFault)) throw error
  }
}

/** Beside the file first, then in its place. */
export function writeWhole(path: string, text: string, mode: number): void {
  const draft = `${path}.${newId()}`
  try {
    const file = openSync(draft, 'wx', mode)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Writes a file only where there is none: of racing processes one wins, and all read what it wrote. */
export function writeOnce(path: string, value: unknown): void {
  const draft = `${path}.${newId()}`
  writeJson(draft, value)
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

export const removeFile = (path: string): void => rmSync(path, { force: true, recursive: true })
