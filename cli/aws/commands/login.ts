import { Command, Option } from 'commander'
import { logIn } from '../login.ts'
import { localTime, print, tell } from '../machine.ts'
import type { KeyPlace, SessionFile } from '../session-file.ts'
import { clockWarning } from '../clock.ts'
import { sessionOption, type SessionOptions } from './options.ts'

interface LoginOptions extends SessionOptions {
  role?: string
  key?: KeyPlace
  browser: boolean
  device?: true
}

const KEY_WORDS: Record<KeyPlace, string> = {
  agent: 'Its key is in your ssh-agent.',
  keychain: "Its key is in this system's keychain.",
  file: 'Warning: its key is in a file. Whoever copies that folder can go on as you.',
}

function greet(file: SessionFile, session: string): void {
  print(
    `Signed in to ${file.company} as ${file.user.email || file.user.name}, until ${localTime(Date.parse(file.endsAt))}.`,
  )
  tell(KEY_WORDS[file.key.place])
  const warning = clockWarning(session)
  if (warning) tell(warning)
}

/** `doorward aws login`: one sign-in a day. */
export const loginCommand = (): Command =>
  new Command('login')
    .description('sign in in the browser; then credentials come without asking, all day')
    .argument('[server]', 'address of the sign-in page; remembered')
    .addOption(sessionOption())
    .option('--role <role>', 'sign in as this role asks for it, fresh or with another factor')
    .addOption(new Option('--key <place>', 'where the key is kept').choices(['agent', 'keychain', 'file']))
    .option('--no-browser', 'show an address to open elsewhere, and take the code that comes out of it')
    .option('--device', 'sign in by a short code that is typed on another machine')
    .action(async (server: string | undefined, options: LoginOptions) => {
      const { session, role, key, browser, device } = options
      greet(await logIn({ session, server, role, key, browser, device: device === true }), session)
    })
