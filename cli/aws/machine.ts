/** The one file of `doorward aws` that knows the machine it runs on: environment, time, randomness, terminal. */
import { randomBytes, randomUUID } from 'node:crypto'
import { hostname, homedir, userInfo } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'

/** The environment that this command was started in. What is empty there is the same as not there. */
export const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''))

/** By this machine's own clock, which may be wrong: `home.ts` keeps by how much. */
export const localNow = (): number => Date.now()

export const randomText = (bytes: number): string => randomBytes(bytes).toString('base64url')
export const randomKey = (): Buffer => randomBytes(32)
export const randomNonce = (bytes: number): Buffer => randomBytes(bytes)
export const newId = (): string => randomUUID()
export const waitMs = (ms: number): Promise<void> => wait(ms)

export const machineName = (): string => hostname().split('.')[0] ?? 'unknown'
export const homeFolder = (): string => homedir()
/** Tells people on one machine apart; Windows has no numbers. */
export const userMark = (): string => {
  const { uid, username } = userInfo()
  return uid >= 0 ? String(uid) : username
}

export const print = (line: string): void => void process.stdout.write(`${line}\n`)
/** To who watches: never mixed with what a program reads. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`)
export const isWatched = (): boolean => process.stdin.isTTY && process.stderr.isTTY

const TIME = { hour: '2-digit', minute: '2-digit' } as const

/** A moment as a clock on this machine shows it, with its day where that is not today. */
export function localTime(ms: number): string {
  const moment = new Date(ms)
  const isToday = moment.toDateString() === new Date(Date.now()).toDateString()
  return moment.toLocaleString('en-GB', isToday ? TIME : { weekday: 'short', ...TIME }).replace(',', '')
}
