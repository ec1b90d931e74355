interface LoginPathOptions {
  /** It is shown to those who are signed in too, to prove it anew. */
  fresh?: boolean
  /** The brand of the app that they are on the way to. */
  brand?: string | undefined
}

/** The sign-in page that leads on to `returnTo`. */
export const loginPath = (returnTo: string, { fresh = false, brand }: LoginPathOptions = {}): string =>
  `/login?${fresh ? 'fresh=1&' : ''}${brand === undefined ? '' : `brand=${brand}&`}return_to=${encodeURIComponent(returnTo)}`
