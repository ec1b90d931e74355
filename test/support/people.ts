import type { DirectoryDocument } from '../../server/directory/document.ts'

/** The company that tests sign in to. Seeds and passwords are theirs alone, so a leak of one is found. */
export const PASSWORDS = {
  ada: 'ada-tawny-lantern-41',
  bob: 'bob-quiet-harbour-52',
  cy: 'cy-marble-orchard-63',
  dee: 'dee-copper-window-74',
  eve: 'eve-velvet-thunder-85',
  gus: 'gus-silver-meadow-96',
} as const
export type PersonName = keyof typeof PASSWORDS

export const SEEDS = {
  ada: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  cy: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU',
} as const

export const IDS: Record<PersonName, number> = { ada: 7, bob: 8, cy: 9, dee: 10, eve: 11, gus: 12 }
/** Ids of the authenticators, as OneLogin's `device_id`. */
export const DEVICES = { adaTotp: 70, cyTotp: 71, cyEmail: 72, deeEmail: 73 }

export const CLIENTS = {
  'Manage All': { id: 'a'.repeat(40), secret: '1manage2all3manage4all5manage6all7secret' },
  'Manage Users': { id: 'b'.repeat(40), secret: '1manage2users3manage4users5users6secret' },
  'Read All': { id: 'c'.repeat(40), secret: '1read2all3read4all5read6all7read8secret' },
  'Read Users': { id: 'd'.repeat(40), secret: '1read2users3read4users5read6users7secret' },
  'Authentication Only': { id: 'e'.repeat(40), secret: '1auth2only3auth4only5auth6only7auth8secret' },
} as const
export type ScopeName = keyof typeof CLIENTS

export const AWS_ACCOUNT = '111122223333'
const awsRole = (name: string, role: number) => ({
  role_arn: `arn:aws:iam::${AWS_ACCOUNT}:role/${name}`,
  provider_arn: `arn:aws:iam::${AWS_ACCOUNT}:saml-provider/Doorward`,
  directory_roles: [role],
  session_seconds: 3600,
})

const user = (name: PersonName, firstname: string, lastname: string, more: object) => ({
  id: IDS[name],
  email: `${name}@acme.test`,
  username: name,
  firstname,
  lastname,
  status: 1,
  password: PASSWORDS[name],
  ...more,
})

/** ada: TOTP; bob: no factor; cy: TOTP and e-mail; dee: e-mail; eve: suspended; gus: no factor, no app. */
export const company = (): DirectoryDocument => ({
  account: { subdomain: 'acme', name: 'Acme' },
  policy: { mfa: 'enrolled' },
  brands: [
    {
      name: 'acme',
      default: true,
      hosts: ['login.acme.test'],
      title: 'Acme',
      logo: 'acme.svg',
      primary_color: '#0b5fff',
    },
    {
      name: 'northwind',
      hosts: ['login.northwind.test'],
      title: 'Northwind Traders',
      primary_color: '#0f766e',
    },
  ],
  custom_attributes: ['branch_name'],
  groups: [{ id: 1, name: 'Staff' }],
  roles: [
    { id: 10, name: 'AWS developers' },
    { id: 11, name: 'AWS administrators' },
    { id: 12, name: 'Wiki readers' },
  ],
  apps: [
    {
      id: 500,
      name: 'AWS',
      connector: 'aws',
      roles: [10, 11],
      aws: { roles: [awsRole('Dev', 10), awsRole('Admin', 11)] },
    },
    {
      id: 501,
      name: 'Wiki',
      connector: 'saml',
      roles: [12],
      saml: {
        entity_id: 'https://wiki.acme.test',
        acs_url: 'https://wiki.acme.test/acs',
        attributes: { mail: 'email' },
      },
    },
  ],
  users: [
    user('ada', 'Ada', 'Byron', {
      roles: [10],
      factors: [{ id: DEVICES.adaTotp, type: 'totp', label: 'Phone', secret: SEEDS.ada }],
    }),
    user('bob', 'Bob', 'Noyce', { roles: [10, 12] }),
    user('cy', 'Cy', 'Ross', {
      roles: [12],
      factors: [
        { id: DEVICES.cyTotp, type: 'totp', label: 'Tablet', secret: SEEDS.cy },
        { id: DEVICES.cyEmail, type: 'email' },
      ],
    }),
    user('dee', 'Dee', 'Hock', { roles: [12], factors: [{ id: DEVICES.deeEmail, type: 'email' }] }),
    user('eve', 'Eve', 'Moneypenny', { roles: [10], status: 2 }),
    user('gus', 'Gus', 'Grissom', { roles: [] }),
  ] as NonNullable<DirectoryDocument['users']>,
  api_credentials: Object.entries(CLIENTS).map(([scope, { id, secret }]) => ({
    name: scope,
    client_id: id,
    client_secret: secret,
    scope: scope as ScopeName,
  })),
})
