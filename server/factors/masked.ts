/** `sally@acme.test` -> `s•••y@acme.test`: enough to know which mailbox, too little to learn the address. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@')
  if (at < 1) return '•••'
  const [first = ''] = email
  const last = at > 2 ? email.slice(at - 1, at) : ''
  return `${first}•••${last}${email.slice(at)}`
}
