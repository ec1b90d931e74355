import { z } from 'zod'
import type { DirectoryDocument } from '../directory/document.ts'
import { importDirectory, DirectoryNotEmpty, type ImportDeps } from '../directory/import-document.ts'
import { passwordFault } from '../directory/password-rules.ts'
import { policySchema } from '../directory/policy.ts'
import { loginKey } from '../directory/user.ts'
import { isStorable } from '../http/api-input.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { hexToken, prefixedToken, type Random } from '../platform/random.ts'
import { longest, type SetupFault, type SetupField } from './setup-view.ts'

const SETUP_SECONDS = 24 * 3600
/** There is no policy yet but the usual one. */
export const MIN_LENGTH = policySchema.parse({}).password_min_length

export interface SetupDeps extends ImportDeps {
  random: Random
  pending: Pick<PendingStore, 'put' | 'peek' | 'take'>
}

/** Makes the secret of a set-up address: good for a day, used up by the first administrator. */
export async function openSetup(d: Pick<SetupDeps, 'random' | 'pending'>): Promise<string> {
  const token = prefixedToken(d.random, 'setup')
  await d.pending.put('setup', token, '1', SETUP_SECONDS)
  return token
}

/** Whether a set-up address still works. */
export const isSetupOpen = async (d: Pick<SetupDeps, 'pending'>, token: string): Promise<boolean> =>
  token !== '' && (await d.pending.peek('setup', token)) !== undefined

/** A fault by its name, as the view words it; zod calls it a message. */
const fault = (error: SetupFault) => ({ error })

const line = (field: SetupField, missing: SetupFault) =>
  z
    .string(fault(missing))
    .trim()
    .min(1, fault(missing))
    .max(longest(field), fault('line_long'))
    .refine((text) => isStorable(text) && !/\p{Cc}/u.test(text), fault('unreadable'))

/** What the form must hold; the message of an issue is a `SetupFault`. */
const setupForm = z.object({
  company: line('company', 'company_missing'),
  subdomain: line('subdomain', 'subdomain_missing')
    .toLowerCase()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, fault('subdomain_wrong')),
  firstname: line('firstname', 'firstname_missing'),
  lastname: line('lastname', 'lastname_missing'),
  email: line('email', 'email_missing').pipe(z.email(fault('email_wrong'))),
  password: z.string(fault('password_missing')).min(1, fault('password_missing')),
}) satisfies z.ZodType<Record<SetupField, string>>

export type SetupErrors = Partial<Record<SetupField, SetupFault>>

/** Reads the form: what it holds, or what is wrong with each field. */
export async function readSetupForm(
  values: Partial<Record<SetupField, string | undefined>>,
): Promise<{ input: SetupInput } | { errors: SetupErrors }> {
  const form = setupForm.safeParse(values)
  const errors: SetupErrors = {}
  for (const { path, message } of form.error?.issues ?? [])
    errors[path[0] as SetupField] ??= message as SetupFault
  const { password = '', ...names } = values
  const about = Object.values(names).filter((text) => text !== undefined)
  const wrong = await passwordFault(password, { minLength: MIN_LENGTH, about })
  if (wrong) errors.password ??= wrong
  return form.success && !wrong ? { input: form.data } : { errors }
}

export type SetupInput = z.output<typeof setupForm>

export type SetupOutcome = { is: 'done'; clientId: string; clientSecret: string } | { is: 'too_late' }

/** Makes the first administrator and an API credential. Works once: for an empty directory, with a living token. */
export async function setUp(d: SetupDeps, token: string, input: SetupInput): Promise<SetupOutcome> {
  const credential = { client_id: hexToken(d.random, 32), client_secret: hexToken(d.random, 32) }
  const { company, subdomain, password, ...person } = input
  const document: DirectoryDocument = {
    account: { subdomain, name: company },
    roles: [{ id: 1, name: 'Administrators' }],
    brands: [{ name: subdomain, default: true, title: company }],
    users: [{ ...person, username: loginKey(person.email), password, roles: [1], status: 1 }],
    api_credentials: [{ name: 'first', scope: 'Manage All', ...credential }],
  }
  if ((await d.pending.take('setup', token)) === undefined) return { is: 'too_late' }
  try {
    await importDirectory(d, document, { onlyIfEmpty: true })
  } catch (error) {
    if (error instanceof DirectoryNotEmpty) return { is: 'too_late' }
    await d.pending.put('setup', token, '1', SETUP_SECONDS) // nothing was made, so it must be possible to try again
    throw error
  }
  return { is: 'done', clientId: credential.client_id, clientSecret: credential.client_secret }
}
