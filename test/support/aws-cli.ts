import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The AWS CLI in an empty home, pointed at an STS. */
export interface AwsCli {
  /** `aws sts …`; fails with what the CLI says. */
  sts(args: string[], environment?: Record<string, string>): Promise<Record<string, any>>
  /** A file that an argument can name, since a samlAssertion is too long for a command line. */
  file(name: string, content: string): string
  remove(): void
}

export function awsCli(stsUrl: string): AwsCli {
  const home = mkdtempSync(join(tmpdir(), 'aws-home-'))
  const environment = {
    PATH: process.env.PATH,
    HOME: home,
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_PAGER: '',
    AWS_MAX_ATTEMPTS: '1',
  }
  return {
    async sts(args, more = {}) {
      const all = ['sts', ...args, '--endpoint-url', stsUrl, '--output', 'json']
      const { stdout } = await promisify(execFile)(awsProgram(), all, { env: { ...environment, ...more } })
      return JSON.parse(stdout) as Record<string, any>
    },
    file(name, content) {
      writeFileSync(join(home, name), content)
      return `file://${join(home, name)}`
    },
    remove: () => rmSync(home, { recursive: true }),
  }
}

/** The program itself: pyenv's shim breaks in a fresh HOME. */
export function awsProgram(): string {
  try {
    return execFileSync('pyenv', ['which', 'aws'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'aws'
  }
}
