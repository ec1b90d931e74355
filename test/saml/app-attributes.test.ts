import { describe, expect, test } from 'vitest'
import { Problem } from '../../server/errors.ts'
import { samlStatement, type SamlPerson } from '../../server/saml/app-attributes.ts'
import { samlAppConfig } from '../../server/saml/app-config.ts'
import { NAME_ID_FORMAT } from '../../server/saml/names.ts'

const sally: SamlPerson = {
  id: 7,
  email: 'sally@acme.test',
  username: 'styler',
  external_id: null,
  department: '',
  roles: ['AWS developers', 'Staff'],
  custom_attributes: { branch_name: 'Oslo' },
}
const app = (changed: Record<string, unknown> = {}) =>
  samlAppConfig.parse({
    entity_id: 'https://wiki.acme.test/',
    acs_url: 'https://wiki.acme.test/acs',
    ...changed,
  })

describe('the statement to an ordinary app', () => {
  test.each([
    ['email', 'sally@acme.test', NAME_ID_FORMAT.email],
    ['username', 'styler', NAME_ID_FORMAT.unspecified],
    ['id', '7', NAME_ID_FORMAT.persistent],
  ])('names the person by %s', (name_id, value, format) => {
    expect(samlStatement(sally, app({ name_id })).nameId).toEqual({ value, format })
  })

  test('is refused when the person lacks the field that the app knows people by', () => {
    expect(() => samlStatement(sally, app({ name_id: 'external_id' }))).toThrow(Problem)
  })

  test('carries the mapped fields, lists as several values, and leaves out what is empty', () => {
    const attributes = {
      mail: 'email',
      groups: 'roles',
      branch: 'custom_attributes.branch_name',
      department: 'department',
      missing: 'phone',
      unknown: 'custom_attributes.constructor',
    }
    expect(samlStatement(sally, app({ attributes })).attributes).toEqual([
      { name: 'mail', values: ['sally@acme.test'] },
      { name: 'groups', values: ['AWS developers', 'Staff'] },
      { name: 'branch', values: ['Oslo'] },
    ])
  })

  test('goes to the address that was chosen, else to the first registered', () => {
    const two = app({
      acs_url: undefined,
      acs_urls: ['https://wiki.acme.test/1', 'https://wiki.acme.test/2'],
    })
    expect(samlStatement(sally, two).recipient).toBe('https://wiki.acme.test/1')
    expect(samlStatement(sally, two, 'https://wiki.acme.test/2').recipient).toBe('https://wiki.acme.test/2')
    expect(samlStatement(sally, two).audience).toBe('https://wiki.acme.test/')
  })
})
