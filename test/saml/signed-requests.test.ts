import { describe, expect, test } from 'vitest'
import { Problem } from '../../server/errors.ts'
import { readAuthnRequest, type AuthnRequestInput } from '../../server/saml/authn-request.ts'
import {
  anAuthnRequest,
  deflated,
  DESTINATION,
  ISSUER,
  posted,
  sent,
  WIKI,
} from './authn-request-examples.ts'
import { NOW_MS } from './examples.ts'
import {
  RSA_SHA1,
  signedPost,
  signedQuery,
  strangerKey,
  wikiKey,
  type RequestKey,
} from './signed-examples.ts'

const SIGNING_WIKI = { ...WIKI, request_certificates: [strangerKey.certificatePem, wikiKey.certificatePem] }
const ONLY_WIKI = { ...WIKI, request_certificates: [wikiKey.certificatePem] }
const XML = anAuthnRequest()

const byQuery = (rawQuery: string, app = ONLY_WIKI): AuthnRequestInput => ({
  ...sent(''),
  app,
  rawQuery,
  samlRequest: new URLSearchParams(rawQuery).get('SAMLRequest') ?? '',
})
const byPost = (xml: string, app = ONLY_WIKI): AuthnRequestInput => ({
  ...sent(''),
  app,
  binding: 'post',
  samlRequest: posted(xml),
})
const outcome = async (input: AuthnRequestInput): Promise<string> => {
  const result = await readAuthnRequest(input).catch((error: unknown) => error)
  if (result instanceof Problem) return result.code
  return (result as { id?: string }).id ?? String(result)
}

describe('an AuthnRequest of an app that signs', () => {
  test('is read from the redirect binding, with and without a RelayState', async () => {
    expect(await outcome(byQuery(signedQuery(XML)))).toBe('_q1')
    expect(await outcome(byQuery(signedQuery(XML, { relayState: 'a&b=c d+e' })))).toBe('_q1')
  })

  test('is read from the post binding, as xmlsec1 signs it', async () => {
    expect(await readAuthnRequest(byPost(await signedPost(XML, '_q1')))).toMatchObject({
      id: '_q1',
      issueInstantMs: NOW_MS,
      acsUrl: WIKI.acs_urls[0],
    })
  })

  test('may be signed by any of several certificates, so that a key can be changed', async () => {
    expect(await outcome(byQuery(signedQuery(XML), SIGNING_WIKI))).toBe('_q1')
    expect(await outcome(byPost(await signedPost(XML, '_q1'), SIGNING_WIKI))).toBe('_q1')
  })

  test('must say where it was sent to', async () => {
    const xml = anAuthnRequest({ Destination: undefined })
    expect(await outcome(byQuery(signedQuery(xml)))).toBe('invalid_request')
  })
})

describe('by redirect, a signed request is refused when', () => {
  const good = signedQuery(XML, { relayState: 'here' })
  const part = (name: string) => good.split('&').find((piece) => piece.startsWith(`${name}=`))!
  const other = signedQuery(anAuthnRequest({ ID: '_q2' }))
  const swapped = good.replace(part('SAMLRequest'), other.split('&')[0]!)
  test.each<[string, string]>([
    ['it has no signature', `SAMLRequest=${encodeURIComponent(deflated(XML))}`],
    ['its signature is missing', good.replace(`&${part('Signature')}`, '')],
    ['its signature is empty', good.replace(part('Signature'), 'Signature=')],
    ['its algorithm is missing', good.replace(`&${part('SigAlg')}`, '')],
    ['its signature is another request’s', swapped],
    ['its RelayState was changed', good.replace('RelayState=here', 'RelayState=there')],
    ['its RelayState was taken away', good.replace('&RelayState=here', '')],
    ['a RelayState was added', `${signedQuery(XML)}&RelayState=x`],
    ['a stranger signed it', signedQuery(XML, { key: strangerKey })],
    ['it is signed with SHA-1', signedQuery(XML, { algorithm: RSA_SHA1, hash: 'sha1' })],
    ['it names an algorithm that it was not signed with', good.replace('rsa-sha256', 'rsa-sha512')],
    ['it names HMAC', good.replace('rsa-sha256', 'hmac-sha256')],
    ['it names a property of every object', good.replace(/SigAlg=[^&]*/, 'SigAlg=constructor')],
    ['it comes with two requests', `${good}&${other.split('&')[0]!}`],
    ['it comes with two signatures', `${good}&${part('Signature')}`],
    ['its signature is no base64 of an address', good.replace(part('Signature'), 'Signature=%')],
  ])('%s', async (_why, query) => {
    expect(await outcome(byQuery(query))).toBe('invalid_request')
  })
})

/** The published shapes of XML signature wrapping (XSW), rebuilt for an AuthnRequest: `signed` is good, `evil` is not covered. */
async function wrapped(): Promise<[string, string][]> {
  const signed = await signedPost(XML, '_q1')
  const evil = anAuthnRequest({ ID: '_evil', AssertionConsumerServiceURL: WIKI.acs_urls[1] })
  const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(signed)![0]
  const bare = signed.replace(signature, '')
  const into = (outer: string, inner: string) =>
    outer.replace('</samlp:AuthnRequest>', `${inner}</samlp:AuthnRequest>`)
  const object = (inner: string) =>
    signature.replace('</ds:Signature>', `<ds:Object>${inner}</ds:Object></ds:Signature>`)
  return [
    ['the signed one stands inside of another (XSW1)', into(evil, signed)],
    ['the signature stands outside, what it covers inside', into(evil, signature + bare)],
    ['the other one carries the signature, the signed one in its Object (XSW3)', evil.replace(ISSUER, ISSUER + object(bare))],
    ['the signed one is an extension of the other', evil.replace(ISSUER, `${ISSUER}${signature}<samlp:Extensions>${bare}</samlp:Extensions>`)],
    ['both have one ID', into(evil.replace('_evil', '_q1'), signed)],
    ['the signature was moved to another request', evil.replace(ISSUER, ISSUER + signature)],
    ['and that one took its ID', evil.replace('_evil', '_q1').replace(ISSUER, ISSUER + signature)],
    ['there are two signatures', signed.replace(signature, signature + signature)],
    ['the reference covers nothing', signed.replace('URI="#_q1"', 'URI=""')],
    ['the reference leads out', signed.replace('URI="#_q1"', 'URI="http://evil.test/"')],
    ['the reference is an XPointer', signed.replace('URI="#_q1"', `URI="#xpointer(id('_q1'))"`)],
    ['one letter of it was changed', signed.replace('/acs"', '/acs2"')],
    ['an attribute was added', signed.replace('ID="_q1"', 'ID="_q1" ForceAuthn="true"')],
    ['a comment hides in the issuer', signed.replace('https://wiki', 'https://<!-- -->wiki')],
    ['a transform was added', signed.replace('<ds:Transforms>', '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>')],
    ['the transforms are gone', signed.replace(/<ds:Transforms>.*<\/ds:Transforms>/s, '')],
    ['its digest is said to be MD5', signed.replace('xmlenc#sha256', 'xmldsig-more#md5')],
    ['it names HMAC with the public key', signed.replace('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256')],
    ['it has no signature', XML],
    ['it brings a key of its own', (await signedPost(XML, '_q1', strangerKey)).replace('</ds:SignatureValue>', `</ds:SignatureValue>${keyInfo(strangerKey)}`)],
    ['a stranger signed it', await signedPost(XML, '_q1', strangerKey)],
    ['it is signed with SHA-1', await signedPost(XML, '_q1', wikiKey, { algorithm: RSA_SHA1 })],
    ['it is digested with SHA-1', await signedPost(XML, '_q1', wikiKey, { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' })],
  ] // prettier-ignore
}
const keyInfo = ({ certificateDerBase64 }: RequestKey) =>
  `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificateDerBase64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`

describe('by post, a signed request is refused when', () => {
  test('it was wrapped, changed, or signed otherwise than we allow', async () => {
    const got: [string, string][] = []
    for (const [why, xml] of await wrapped()) got.push([why, await outcome(byPost(xml))])
    expect(got).toEqual(got.map(([why]) => [why, 'invalid_request']))
    expect(got.length).toBeGreaterThan(20)
  })
})

test('an AuthnRequest that nobody has to sign says what it says, signed or not', async () => {
  expect(await outcome({ ...byPost(await signedPost(XML, '_q1')), app: WIKI })).toBe('_q1')
  expect(DESTINATION).toContain('/sso/501')
})
