import { Secret } from 'otpauth'
import { hexToken, type Random } from '../platform/random.ts'
import type { DirectoryDocument, DocumentUser } from './document.ts'

/** Somebody of the demo company whom the terminal introduces. */
export interface DemoPerson {
  email: string
  password: string
  /** What is special about signing in as this person. */
  what: string
  /** The TOTP seed in Base32, of those who have one. */
  totpSecret?: string
}

/** A company to look around in, and the secrets that nobody can read again later. */
export interface Demo {
  document: DirectoryDocument
  people: DemoPerson[]
  credential: { client_id: string; client_secret: string }
}

const CONSONANTS = 'bdfghjklmnprstvz'
const VOWELS = 'aiou'
const PASSWORD_WORDS = 5
const TOTP_BYTES = 20 // 160 bits, RFC 4226 section 4

/** 16 bits as a word that can be read aloud, e.g. `lusab` (draft-rayner-proquint). */
const word = (bits: number): string =>
  CONSONANTS[(bits >> 12) & 15]! +
  VOWELS[(bits >> 10) & 3]! +
  CONSONANTS[(bits >> 6) & 15]! +
  VOWELS[(bits >> 4) & 3]! +
  CONSONANTS[bits & 15]!

/** 80 random bits in five words. */
const readablePassword = (random: Random): string =>
  Array.from({ length: PASSWORD_WORDS }, () => word(random.bytes(2).readUInt16BE())).join('-')

const totpSecret = (random: Random): string =>
  new Secret({ buffer: new Uint8Array(random.bytes(TOTP_BYTES)).buffer }).base32

const STAFF = { employees: 1, partners: 2 }
const ROLES = { developers: 10, administrators: 11, staff: 12 }
const SUSPENDED = 2

type Member = Omit<DocumentUser, 'password' | 'factors'> & { what: string; totp?: true; mail?: true }

// prettier-ignore
const MEMBERS: Member[] = [
  { id: 1, email: 'sally@acme.test', username: 'sally', firstname: 'Sally', lastname: 'Tyler', title: 'Engineer',
    group_id: STAFF.employees, roles: [ROLES.developers, ROLES.staff], custom_attributes: { branch_name: 'Lisbon' },
    what: 'has an authenticator app', totp: true },
  { id: 2, email: 'ravi@acme.test', username: 'ravi', firstname: 'Ravi', lastname: 'Shah', title: 'Head of platform',
    group_id: STAFF.employees, roles: [ROLES.administrators, ROLES.developers, ROLES.staff],
    custom_attributes: { branch_name: 'Pune' }, what: 'has an authenticator app and e-mail codes', totp: true, mail: true },
  { id: 3, email: 'mei@acme.test', username: 'mei', firstname: 'Mei', lastname: 'Lin', title: 'Accountant',
    group_id: STAFF.employees, roles: [ROLES.staff], what: 'gets codes by e-mail', mail: true },
  { id: 4, email: 'tom@acme.test', username: 'tom', firstname: 'Tom', lastname: 'Becker', title: 'Engineer',
    group_id: STAFF.employees, roles: [ROLES.developers, ROLES.staff], what: 'has no second factor' },
  { id: 5, email: 'nora@northwind.test', username: 'nora', firstname: 'Nora', lastname: 'Quist', title: 'Buyer',
    company: 'Northwind Traders', group_id: STAFF.partners, roles: [ROLES.staff], status: SUSPENDED,
    what: 'is suspended: nobody gets in' },
]

const APPS: DirectoryDocument['apps'] = [
  {
    id: 500,
    name: 'AWS',
    connector: 'aws',
    roles: [ROLES.developers, ROLES.administrators],
    aws: {
      roles: [
        {
          role_arn: 'arn:aws:iam::111122223333:role/Developer',
          provider_arn: 'arn:aws:iam::111122223333:saml-provider/Doorward',
          directory_roles: [ROLES.developers],
          session_seconds: 3600,
        },
        {
          role_arn: 'arn:aws:iam::111122223333:role/Administrator',
          provider_arn: 'arn:aws:iam::111122223333:saml-provider/Doorward',
          directory_roles: [ROLES.administrators],
          session_seconds: 3600,
        },
      ],
    },
  },
  {
    id: 501,
    name: 'Wiki',
    connector: 'saml',
    roles: [ROLES.staff],
    saml: {
      entity_id: 'https://wiki.acme.test/saml',
      acs_url: 'https://wiki.acme.test/saml/acs',
      name_id: 'email',
      attributes: { mail: 'email', first_name: 'firstname', branch: 'custom_attributes.branch_name' },
    },
  },
]

// prettier-ignore
const BRANDS: DirectoryDocument['brands'] = [
  { name: 'acme', default: true, hosts: ['login.acme.test'], title: 'Acme', logo: 'acme.svg',
    logo_dark: 'acme-dark.svg', icon: 'acme-icon.svg', primary_color: '#0b5fff', tagline: 'One door to everything at Acme' },
  { name: 'northwind', hosts: ['login.northwind.test'], title: 'Northwind Traders', logo: 'northwind.svg',
    logo_dark: 'northwind-dark.svg', icon: 'northwind-icon.svg', primary_color: '#0f766e' },
]

/** The demo company Acme, with fresh passwords, seeds and an API credential each time. */
export function demoDocument(random: Random): Demo {
  const made = MEMBERS.map((member) => enrol(member, random))
  const credential = { client_id: hexToken(random, 32), client_secret: hexToken(random, 32) }
  return {
    document: {
      account: { subdomain: 'acme', name: 'Acme' },
      policy: { mfa: 'enrolled' },
      brands: BRANDS,
      custom_attributes: ['branch_name'],
      groups: [
        { id: STAFF.employees, name: 'Employees' },
        { id: STAFF.partners, name: 'Partners' },
      ],
      roles: [
        { id: ROLES.developers, name: 'AWS developers' },
        { id: ROLES.administrators, name: 'AWS administrators' },
        { id: ROLES.staff, name: 'Staff' },
      ],
      apps: APPS,
      users: made.map(({ user }) => user),
      api_credentials: [{ name: 'demo', scope: 'Manage All', ...credential }],
    },
    people: made.map(({ person }) => person),
    credential,
  }
}

function enrol(
  { what, totp, mail, ...fields }: Member,
  random: Random,
): { user: DocumentUser; person: DemoPerson } {
  const password = readablePassword(random)
  const secret = totp && totpSecret(random)
  const factors: NonNullable<DocumentUser['factors']> = [
    ...(secret ? [{ type: 'totp' as const, label: 'Phone', secret }] : []),
    ...(mail ? [{ type: 'email' as const }] : []),
  ]
  return {
    user: { ...fields, password, factors },
    person: { email: fields.email ?? '', password, what, ...(secret && { totpSecret: secret }) },
  }
}
