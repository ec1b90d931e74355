import { spawn } from 'node:child_process'
import { environment } from './machine.ts'

/** The program that opens an address, and how. `$BROWSER` may have arguments, and `%s` where the address goes. */
function opener(url: string, platform: NodeJS.Platform): [program: string, args: string[]] {
  const wished = environment().BROWSER
  if (wished) {
    const [program = '', ...args] = wished.split(/\s+/)
    return [
      program,
      args.some((arg) => arg.includes('%s')) ? args.map((arg) => arg.replace('%s', url)) : [...args, url],
    ]
  }
  if (platform === 'darwin') return ['open', [url]]
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]]
  return ['xdg-open', [url]]
}

/** Opens an address in the browser; false when there is none that starts. Never by a shell: the address is data. */
export const openBrowser = (url: string, platform: NodeJS.Platform = process.platform): Promise<boolean> =>
  new Promise((resolve) => {
    const [program, args] = opener(url, platform)
    const child = spawn(program, args, { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })

/** Whether a browser would open where its person sees it. */
export function hasBrowser(platform: NodeJS.Platform = process.platform): boolean {
  const { BROWSER, SSH_CONNECTION, SSH_TTY, DISPLAY, WAYLAND_DISPLAY } = environment()
  if (BROWSER) return true
  if (SSH_CONNECTION || SSH_TTY) return false
  return platform !== 'linux' || Boolean(DISPLAY ?? WAYLAND_DISPLAY)
}
