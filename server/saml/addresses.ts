import { z } from 'zod'

/** The app that a path names. */
export const appParams = z.looseObject({
  app_id: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
})

/** Where a service provider sends people to sign in, by binding. */
export const ssoUrl = (publicUrl: string, binding: 'redirect' | 'post', appId: number): string =>
  `${publicUrl}/trust/saml2/http-${binding}/sso/${appId}`

/** Where a service provider sends people to sign out. */
export const sloUrl = (publicUrl: string, appId: number): string =>
  `${publicUrl}/trust/saml2/http-redirect/slo/${appId}`
