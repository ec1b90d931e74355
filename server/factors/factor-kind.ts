/** The ways to prove a second factor. One file in this folder for each; the compiler lists what else a new one needs. */
export const FACTOR_KINDS = ['totp', 'email'] as const
export type FactorKind = (typeof FACTOR_KINDS)[number]
