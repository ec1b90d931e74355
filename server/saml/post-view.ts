import { pageView, type PageFacts, type PageView } from '../branding/page.ts'

/** All that `views/saml/post.njk` may read. */
export interface SamlPostView extends PageView {
  heading: string
  lead: string
  acsUrl: string
  samlResponse: string
  hasRelayState: boolean
  relayState: string
  buttonText: string
}

export interface SamlPostFacts {
  page: PageFacts
  /** One of the service provider's registered addresses. */
  acsUrl: string
  /** Base64 of the signed Response. */
  samlResponse: string
  relayState?: string | undefined
  appName: string
  /** Nobody is signed in, and the app had asked not to show a page about that. */
  passive?: boolean
}

/** The form that carries a Response to its service provider (SAML bindings 3.5). Only http and https are posted to. */
export function samlPostView({
  page,
  acsUrl,
  samlResponse,
  relayState,
  appName,
  passive = false,
}: SamlPostFacts): SamlPostView {
  if (!/^https?:\/\//i.test(acsUrl) || !URL.canParse(acsUrl)) {
    throw new Error('an assertion consumer service must be an http or https address')
  }
  const { t } = page.language
  const heading = t('saml:post.heading', { app: appName })
  return {
    ...pageView(page, heading),
    heading,
    lead: t(passive ? 'saml:post.leadPassive' : 'saml:post.lead'),
    acsUrl,
    samlResponse,
    hasRelayState: relayState !== undefined,
    relayState: relayState ?? '',
    buttonText: t('saml:post.button', { app: appName }),
  }
}
