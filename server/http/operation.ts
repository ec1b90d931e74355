/** What the API's document says of an endpoint, as data beside it: `reference/` makes the document from it. */
import type { z } from 'zod'
import type { ProblemCode } from '../errors.ts'

/** The chapters of the document, in its order. */
export const GROUPS = {
  Tokens: 'Trade the client id and secret of an API credential for an access token, renew it, give it back.',
  'Signing in': 'Sign a person in from a login page of your own.',
  'SAML assertions': 'Sign a person in to an app without a browser, as AWS command lines do.',
  Users: 'The people of the directory.',
  'Users, changing': 'Create, update, lock and delete people; their roles, passwords and custom attributes.',
  Invitations: 'Links by which people choose their first password.',
  'Multi-factor authentication': "People's second factors: enrol, trigger, verify, remove.",
  'Broker sessions': 'Command lines that fetch AWS credentials without asking their person again.',
  Roles: 'Roles open apps to the people who hold them.',
  'Roles, version 2': 'Roles with their people and apps, in the bare shapes of API 2.',
  Groups: 'Groups of people.',
  Apps: 'What people sign in to.',
  Events: 'What happened: every sign-in, every change.',
  Privileges: 'What delegated administrators may do, and to whom.',
  'This document': 'The API described for programs.',
} as const
export type Group = keyof typeof GROUPS

/** One thing that an operation may answer when it goes well. */
export interface Answer {
  /** In the reader's words. */
  means: string
  /** 200 without it. */
  status?: 200 | 201 | 204
  /** Without it there is no body. */
  schema?: z.ZodType
  example?: unknown
  /** Something else than JSON. */
  type?: 'text/xml'
}

/** One request as somebody would send it. */
export interface RequestExample {
  params?: Readonly<Record<string, string | number>>
  query?: Readonly<Record<string, string | number>>
  body?: unknown
}

/** An operation as its readers see it. Path, scopes, input and the refusals of guard and body are the endpoint's own. */
export interface OperationDoc {
  /** Unique; the name of the method in generated clients. */
  id: string
  group: Group
  summary: string
  description?: string
  /** The client proves itself here by id and secret. */
  byClientSecret?: true
  example: RequestExample
  /** The usual one first. */
  answers: readonly [Answer, ...Answer[]]
  /** What the handler itself may refuse. */
  refusals: readonly ProblemCode[]
}

/** The operations of one group, each with its key for an id. */
export function operations<K extends string>(
  group: Group,
  docs: Record<K, Omit<OperationDoc, 'id' | 'group'>>,
): Record<K, OperationDoc> {
  const entries = Object.entries<Omit<OperationDoc, 'id' | 'group'>>(docs)
  return Object.fromEntries(entries.map(([id, doc]) => [id, { ...doc, id, group }])) as Record<
    K,
    OperationDoc
  >
}
