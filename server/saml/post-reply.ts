import { formActionTo } from '../http/headers.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import type { App } from '../directory/app-store.ts'
import { Problem } from '../errors.ts'
import type { SignInDeps } from '../signin/sign-in.ts'
import type { SignedInPerson } from '../signin/signed-in.ts'
import { stepUp } from '../signin/step-up.ts'
import type { AskedSignOn } from './asked-sign-on.ts'
import { entityIdOf, isSamlApp, issueResponse, type IssueDeps } from './issue-response.ts'
import { newSamlId } from './names.ts'
import { signNoPassive } from './no-passive-response.ts'
import { samlPostView, type SamlPostFacts } from './post-view.ts'

/** The app of an address, if people sign in to it with a samlAssertion. @throws Problem `not_found` */
export async function samlApp({ apps }: Pick<IssueDeps, 'apps'>, id: number): Promise<App> {
  const app = await apps.find(id)
  if (!app || !isSamlApp(app)) throw new Problem('not_found')
  return app
}

const postPage = (request: PageRequest, facts: Omit<SamlPostFacts, 'page'>): Reply => ({
  page: 'saml/post.njk',
  view: samlPostView({ page: request.page(), ...facts }),
  formAction: formActionTo(facts.acsUrl),
})

/** The page that carries a signed Response for this person to the app, or the one that asks what the app's rules miss. */
export async function postResponse(
  d: IssueDeps & SignInDeps,
  request: PageRequest,
  person: SignedInPerson,
  app: App,
  asked: Partial<Pick<AskedSignOn, 'acsUrl' | 'requestId' | 'relayState' | 'isPassive'>> & { path: string },
): Promise<Reply> {
  const missing = await stepUp(d, request, person, { appId: app.id, returnTo: asked.path })
  if (missing) {
    const { acsUrl, requestId, relayState, isPassive } = asked
    return isPassive && acsUrl !== undefined && requestId !== undefined
      ? postNoPassive(d, request, app, { acsUrl, requestId, relayState })
      : missing
  }
  const { user, session } = person
  const { recipient, samlResponse } = await issueResponse(d, {
    user,
    app,
    authTime: session.authTime,
    sessionEndsAt: session.endsAt,
    origin: originOf(request),
    acsUrl: asked.acsUrl,
    inResponseTo: asked.requestId,
  })
  return postPage(request, {
    acsUrl: recipient,
    samlResponse,
    relayState: asked.relayState,
    appName: app.name,
  })
}

/** Tells a service provider that had asked for no page that one would be needed (SAML core 3.4.1). */
export function postNoPassive(
  d: IssueDeps,
  request: PageRequest,
  app: App,
  asked: { acsUrl: string; requestId: string; relayState?: string | undefined },
): Reply {
  const answer = {
    responseId: newSamlId(d.random),
    issueInstantMs: d.clock(),
    issuer: entityIdOf(d.publicUrl, app.id),
    recipient: asked.acsUrl,
    inResponseTo: asked.requestId,
  }
  return postPage(request, {
    acsUrl: asked.acsUrl,
    samlResponse: Buffer.from(signNoPassive(answer, d.signingKeys[0])).toString('base64'),
    relayState: asked.relayState,
    appName: app.name,
    passive: true,
  })
}
