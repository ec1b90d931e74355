import { z } from 'zod'
import type { Body } from '../directory/user-input.ts'
import { Problem } from '../errors.ts'

/** What a document says about a person, each part as the domain takes it; what it leaves out stays. */
export interface PersonBody {
  attributes: Body
  status?: unknown
  roleIds?: number[]
  password?: Body
}

const CUSTOM = 'custom_attribute_'
const PASSWORD = ['password', 'password_confirmation', 'password_algorithm', 'password_salt']
/** Elements of the resource that nobody can set. */
const PASSED_OVER = ['pending_apps', 'user_type']

const invalid = (message: string) => new Problem('invalid_request', { message })

/** The document's element of this name. */
export const documentOf = (name: string) =>
  z.record(z.string(), z.unknown()).transform((document): Body => {
    const content = document[name]
    if (typeof content !== 'object' || content === null)
      throw invalid(`The document should be <${name}>…</${name}>`)
    return content as Body
  })

/** `<role>7</role>`, or a role as it is shown, with its id. */
function roleId(item: unknown): number {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : item
  if (typeof id === 'string' && /^\s*\d{1,15}\s*$/.test(id)) return Number(id)
  throw invalid('roles should hold ids of roles')
}

function roleIdsOf({ roles, role_id: single }: Body): number[] | undefined {
  const isNothing = (value: unknown) =>
    value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  if (Array.isArray(roles)) return roles.map(roleId)
  if (!isNothing(roles)) throw invalid('roles should hold ids of roles')
  return isNothing(single) ? undefined : [roleId(single)]
}

function confirmed(password: Body): Body {
  if (password.password === password.password_confirmation) return password
  throw invalid("Validation failed: Password doesn't match confirmation, The two passwords don't match")
}

const pick = (body: Body, wanted: (name: string) => boolean): Body =>
  Object.fromEntries(Object.entries(body).filter(([name]) => wanted(name)))

function attributesOf(body: Body): Body {
  const handled = [...PASSWORD, ...PASSED_OVER, 'status', 'roles', 'role_id']
  const plain = pick(body, (name) => !handled.includes(name) && !name.startsWith(CUSTOM))
  const custom = Object.entries(pick(body, (name) => name.startsWith(CUSTOM)))
  if (custom.length === 0) return plain
  return {
    ...plain,
    custom_attributes: Object.fromEntries(custom.map(([name, value]) => [name.slice(CUSTOM.length), value])),
  }
}

/** @throws Problem `invalid_request` */
export function readPerson(body: Body): PersonBody {
  const password = pick(body, (name) => PASSWORD.includes(name))
  const roleIds = roleIdsOf(body)
  return {
    attributes: attributesOf(body),
    ...(body.status !== undefined && body.status !== null && { status: body.status }),
    ...(roleIds && { roleIds }),
    ...(Object.keys(password).length > 0 && { password: confirmed(password) }),
  }
}
