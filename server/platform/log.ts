import { pino, type DestinationStream, type Logger } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

/** What JSON leaves as it is, yet breaks a line or steers a terminal: C1 controls, line separators, writing directions. */
const UNSEEN = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Lines leave together, a tenth of a second late at most: a write for each would cost more than making it. Rest at exit. */
const standardOutput = () => pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 100 })

/**
 * JSON lines, one a fact. What is logged is chosen field by field: never a body, a query string, a cookie or a token.
 * Control characters are escaped, so a name cannot forge a line.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    errorKey: 'error',
    hooks: { streamWrite: (line: string) => line.replace(UNSEEN, escaped) },
  }
  return pino(options, destination ?? standardOutput())
}
