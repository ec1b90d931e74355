import { sign } from 'node:crypto'
import { awsAppConfig } from '../../../server/saml/app-config.ts'
import { awsStatement } from '../../../server/saml/aws-attributes.ts'
import { AUTHN_CONTEXT, newSamlId } from '../../../server/saml/names.ts'
import { signResponse } from '../../../server/saml/response.ts'
import { generateSigningKey } from '../../../server/saml/signing-key.ts'
import { HOUR, systemClock } from '../../../server/platform/clock.ts'
import { systemRandom } from '../../../server/platform/random.ts'
import { AWS_APP, benchCompany } from '../company.ts'
import { signedInCookie } from '../browser-sign-in.ts'
import { perSecond, viewPages } from '../load.ts'
import { interleaved, rateOf, type Pairs } from '../measure.ts'
import { PUBLIC_HOST, type House } from '../processes.ts'
import type { Figure } from '../report.ts'

const SLICE_MS = 400
const ROUNDS = 11
const PAGE_SECONDS = 3
const PAGE_ROUNDS = 3

const figure = (what: string, pairs: Pairs, aim: number): Figure => ({
  what,
  ours: `${pairs.ours.toFixed(0)} /s`,
  raw: `half of RSA-2048 sign ${pairs.raw.toFixed(0)} /s`,
  ratio: pairs.ratio,
  aim: `>= ${aim}`,
  met: pairs.ratio >= aim,
})

/** An AWS Response carries two signatures: beside half the rate at which the same key signs. */
export async function signing(house: House): Promise<Figure[]> {
  const key = await generateSigningKey({
    commonName: PUBLIC_HOST,
    nowMs: systemClock(),
    random: systemRandom,
  })
  const bytes = Buffer.alloc(1000, 7)
  const halfOfRsa = async () => rateOf(() => void sign('sha256', bytes, key.privateKey), SLICE_MS) / 2
  const config = awsAppConfig.parse((await benchCompany()).apps?.find(({ id }) => id === AWS_APP)?.aws)
  const person = { id: 7, email: 'person7@bench.test' }
  const response = () => {
    const now = systemClock()
    signResponse(
      {
        responseId: newSamlId(systemRandom),
        assertionId: newSamlId(systemRandom),
        sessionIndex: newSamlId(systemRandom),
        issueInstantMs: now,
        issuer: `https://${PUBLIC_HOST}/saml/metadata/${AWS_APP}`,
        ...awsStatement(person, config, [1]),
        authnInstantMs: now,
        sessionNotOnOrAfterMs: now + HOUR,
        authnContextClassRef: AUTHN_CONTEXT.password,
      },
      key,
    )
  }
  const inProcess = await interleaved(ROUNDS, async () => rateOf(response, SLICE_MS), halfOfRsa)
  const figures = [figure('signed AWS Response, two signatures, in process', inProcess, 0.7)]

  const server = await house.start()
  try {
    const cookie = await signedInCookie(server)
    const url = `${server.url}/trust/saml2/http-redirect/sso/${AWS_APP}`
    const load = { connections: 4, seconds: PAGE_SECONDS, headers: { cookie } }
    const byHttp = await interleaved(
      PAGE_ROUNDS,
      async () => perSecond(await viewPages(url, load)),
      halfOfRsa,
    )
    return [...figures, figure('the same by HTTP, from a browser session', byHttp, 0.4)]
  } finally {
    await server.stop()
  }
}
