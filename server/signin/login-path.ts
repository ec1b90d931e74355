/** The sign-in page that leads on to `returnTo`. `fresh`: it is shown to those who are signed in too, to prove it anew. */
export const loginPath = (returnTo: string, { fresh = false } = {}): string =>
  `/login?${fresh ? 'fresh=1&' : ''}return_to=${encodeURIComponent(returnTo)}`
