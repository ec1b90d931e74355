import type { App, AppStore } from '../directory/app-store.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { EventDraft, EventStore, Origin } from '../events/event-store.ts'
import { signedInToApp } from '../events/events.ts'
import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { samlStatement, type SamlPerson } from './app-attributes.ts'
import { awsConfigOf, samlConfigOf } from './app-config.ts'
import { awsStatement, type AppStatement, type OneRole } from './aws-attributes.ts'
import { AUTHN_CONTEXT, newSamlId } from './names.ts'
import { signResponse } from './response.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface IssueDeps {
  clock: Clock
  random: Random
  apps: AppStore
  events: Pick<EventStore, 'append'>
  signingKeys: SigningKeys
  publicUrl: string
}

/** For whom, to which app, and how the person had signed in. */
export interface IssueInput {
  user: User
  app: App
  authTime: number
  /** The service provider's session must not outlive it, ms. */
  sessionEndsAt: number
  origin: Origin
  /** Of the AuthnRequest, when there was one. */
  acsUrl?: string | undefined
  inResponseTo?: string | undefined
  /** Of an AWS app, nothing but this role. */
  oneRole?: OneRole | undefined
  /** The event that it makes; without one, that the person has signed in to the app. */
  noted?: ((assertionId: string) => EventDraft) | undefined
}

export interface IssuedResponse {
  /** The assertion consumer service that it is for. */
  recipient: string
  /** The Response document in base64, as the HTTP-POST binding carries it (SAML bindings 3.5.4). */
  samlResponse: string
}

/** Our name toward an app: where its metadata is. */
export const entityIdOf = (publicUrl: string, appId: number): string => `${publicUrl}/saml/metadata/${appId}`

/** Apps that people sign in to with a samlAssertion. */
export const isSamlApp = (app: App): boolean => app.connector === 'aws' || app.connector === 'saml'

const samlPerson = (user: User): SamlPerson => ({
  id: user.id,
  email: user.email,
  username: user.username,
  firstname: user.firstname,
  lastname: user.lastname,
  phone: user.phone,
  title: user.title,
  company: user.company,
  department: user.department,
  external_id: user.externalId,
  samaccountname: user.samaccountname,
  userprincipalname: user.userprincipalname,
  distinguished_name: user.distinguishedName,
  member_of: user.memberOf,
  group_id: user.groupId,
  locale_code: user.localeCode,
  roles: user.roleIds,
  custom_attributes: user.customAttributes,
})

/** What an app is told about a person, and by which name it knows them. */
export function statementFor({
  user,
  app,
  acsUrl,
  oneRole,
}: Pick<IssueInput, 'user' | 'app' | 'acsUrl' | 'oneRole'>): AppStatement {
  if (app.connector === 'aws') return awsStatement(user, awsConfigOf(app), user.roleIds, oneRole)
  if (app.connector === 'saml') return samlStatement(samlPerson(user), samlConfigOf(app), acsUrl)
  throw new Problem('not_found')
}

/** Makes a signed Response for a person who has the app, and notes it. @throws Problem `app_not_assigned` */
export async function issueResponse(d: IssueDeps, input: IssueInput): Promise<IssuedResponse> {
  const { user, app, origin } = input
  if (!(await d.apps.isAssigned(app.id, user.roleIds))) throw new Problem('app_not_assigned')
  const statement = statementFor(input)
  const assertionId = newSamlId(d.random)
  const xml = signResponse(
    {
      responseId: newSamlId(d.random),
      assertionId,
      sessionIndex: newSamlId(d.random),
      issueInstantMs: d.clock(),
      issuer: entityIdOf(d.publicUrl, app.id),
      ...statement,
      inResponseTo: input.inResponseTo,
      authnInstantMs: input.authTime,
      sessionNotOnOrAfterMs: input.sessionEndsAt,
      authnContextClassRef: AUTHN_CONTEXT.password,
    },
    d.signingKeys[0],
  )
  await d.events.append(input.noted?.(assertionId) ?? signedInToApp(origin, user, app))
  return { recipient: statement.recipient, samlResponse: Buffer.from(xml).toString('base64') }
}
