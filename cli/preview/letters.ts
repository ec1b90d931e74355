import { changeLetter, noResetLetter, resetLetter } from '../../server/account/letters.ts'
import type { Write } from '../../server/branding/post.ts'
import { addressLetter, inviteLetter } from '../../server/directory/letters.ts'
import { codeLetter } from '../../server/factors/email-code.ts'
import { recoveryUsedLetter } from '../../server/factors/recovery-codes.ts'
import { newBrowserLetter } from '../../server/signin/new-browser.ts'
import { lockLetter, passwordChangedLetter } from '../../server/signin/letters.ts'

const LINK = `https://login.acme.test/link/${'e'.repeat(40)}`

/** Every letter, with sample data. */
export const LETTERS: Readonly<Record<string, Write>> = {
  'address-changed': addressLetter('sally@acme.test', 'styler@acme.test'),
  code: codeLetter('code', '492817', `https://login.acme.test/login/link/dw_ml_${'a'.repeat(43)}`),
  'confirm-address': codeLetter('confirm', '492817'),
  invite: inviteLetter({ firstname: 'Sally' }, 'Acme', LINK, 72),
  reset: resetLetter(LINK),
  'no-reset': noResetLetter,
  'password-changed': passwordChangedLetter,
  lock: lockLetter,
  'recovery-used': recoveryUsedLetter(2),
  'new-browser': newBrowserLetter({
    device: { browser: 'Firefox', system: 'Linux', kind: 'computer' },
    address: '203.0.113.7',
    at: Date.UTC(2030, 0, 14, 9, 30),
    href: LINK,
  }),
  'factor-added': changeLetter('factorAdded', 'Work phone'),
  'factor-removed': changeLetter('factorRemoved', 'Work phone'),
  'codes-made': changeLetter('codesMade', 'Recovery codes'),
  'sessions-ended': changeLetter('sessionsEnded', ''),
}
