import { IncomingMessage, ServerResponse } from 'node:http'
import type { Express } from 'express'

/**
 * Requests and responses that are Express' own from the start. Express makes them its own by giving each object another
 * prototype; V8 then takes every one of them for long-lived, and to collect them took a third of a page's time. An
 * object whose prototype is the right one already is left as it is.
 */
export function expressMessages() {
  class Incoming extends IncomingMessage {}
  class Outgoing<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {}
  return {
    /** For the options of `http.createServer`, before there is an application. */
    classes: { IncomingMessage: Incoming, ServerResponse: Outgoing },
    /** Gives them the prototypes of `app`, from which they are born from then on. */
    adoptedBy(app: Express): Express {
      Object.setPrototypeOf(Incoming.prototype, app.request)
      Object.setPrototypeOf(Outgoing.prototype, app.response)
      return Object.assign(app, { request: Incoming.prototype, response: Outgoing.prototype })
    },
  }
}
