import { pino, type DestinationStream, type Logger } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

/**
 * JSON lines, one a fact. What is logged is chosen field by field: never a body, a query string, a cookie or a token.
 * Control characters are escaped by JSON, so a name cannot forge a line.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, errorKey: 'error' }
  return destination ? pino(options, destination) : pino(options)
}
