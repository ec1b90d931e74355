/** A small company for the examples of the API's document. */

const TIME = '2026-03-02T09:00:00.000Z'

export const BOB = {
  activated_at: TIME,
  created_at: TIME,
  updated_at: TIME,
  last_login: null,
  invitation_sent_at: null,
  locked_until: null,
  password_changed_at: TIME,
  email: 'bob@acme.test',
  username: 'bob',
  firstname: 'Bob',
  lastname: 'Noyce',
  group_id: null,
  id: 8,
  invalid_login_attempts: 0,
  comment: '',
  openid_name: '',
  locale_code: null,
  preferred_locale_code: null,
  phone: '',
  status: 1,
  distinguished_name: null,
  samaccountname: null,
  userprincipalname: null,
  member_of: null,
  external_id: null,
  directory_id: null,
  trusted_idp_id: null,
  manager_user_id: null,
  manager_ad_id: null,
  role_id: [10, 12],
  company: null,
  department: null,
  title: null,
  state: 1,
  custom_attributes: { branch_name: '' },
}
/** As people are sent to be created. */
export const HAL_SENT = {
  firstname: 'Hal',
  lastname: 'Abelson',
  email: 'hal@acme.test',
  username: 'hal',
  title: 'Engineer',
  custom_attributes: { branch_name: 'Boston' },
}
/** And as they come back. */
export const HAL = { ...BOB, ...HAL_SENT, id: 13, activated_at: null, password_changed_at: null, role_id: null, status: 7 } // prettier-ignore

export const ROLE = { id: 10, name: 'AWS developers' }
export const ROLE_V2 = { ...ROLE, apps: [500], users: [7, 8, 11], admins: [] }
export const ROLE_USER = {
  id: 8,
  name: 'Bob Noyce',
  email: 'bob@acme.test',
  username: 'bob',
  assigned: true,
  added_by: null,
  added_at: null,
}
export const GROUP = { id: 1, name: 'Staff', reference: null }

const AWS = { id: 500, name: 'AWS' }
export const APP = {
  ...AWS,
  connector_id: 50534,
  extension: false,
  icon: null,
  visible: true,
  provisioning: false,
}
export const APP_V2 = {
  ...AWS,
  connector_id: 50534,
  description: null,
  icon_url: null,
  visible: true,
  auth_method: 2,
}
export const USER_APP = {
  ...AWS,
  icon: null,
  provisioned: null,
  extension: false,
  login_id: null,
  personal: false,
}
export const ROLE_APP = { ...AWS, icon_url: null }

export const PRIVILEGE_ID = '3f2a9c1e-5b7d-4e8a-9f00-1c2d3e4f5a6b'
export const PRIVILEGE_SENT = {
  name: 'Help desk',
  description: 'Looks after the AWS developers',
  privilege: {
    Version: '2018-05-18',
    Statement: [
      { Effect: 'Allow', Action: ['users:List', 'users:Get', 'users:ResetPassword'], Scope: ['roles/10'] },
    ],
  },
}
