/** What each list of the directory can be filtered, sorted and cut down by; every line stands for an index. */
import type { ListModel } from '../http/api-list-model.ts'
import type { UserColumn } from './user-record.ts'
import { USER_FIELDS } from './user-wire.ts'
import { loginKey } from './user.ts'

const NAMED_FILTERS = {
  id: { column: 'id', kind: 'integer', many: true },
  name: { column: 'name', kind: 'text' },
} as const
const NAMED_SORTS = { id: { column: 'id', key: 'number' }, name: { column: 'name', key: 'text' } } as const

export const USER_LIST: ListModel<UserColumn> = {
  model: 'user',
  path: '/api/1/users',
  fields: USER_FIELDS,
  filters: {
    directory_id: { column: 'directoryId', kind: 'integer' },
    email: { column: 'emailKey', kind: 'text', compared: loginKey },
    external_id: { column: 'externalId', kind: 'text' },
    firstname: { column: 'firstname', kind: 'text' },
    group_id: { column: 'groupId', kind: 'integer' },
    id: { column: 'id', kind: 'integer', many: true },
    lastname: { column: 'lastname', kind: 'text' },
    manager_ad_id: { column: 'managerAdId', kind: 'text' },
    role_id: { column: 'roleId', kind: 'integer' },
    samaccountname: { column: 'samaccountname', kind: 'text' },
    status: { column: 'status', kind: 'integer' },
    username: { column: 'usernameKey', kind: 'text', compared: loginKey },
    userprincipalname: { column: 'userprincipalname', kind: 'text' },
  },
  sorts: {
    id: { column: 'id', key: 'number' },
    email: { column: 'emailKey', key: 'text' },
    username: { column: 'usernameKey', key: 'text' },
    firstname: { column: 'firstname', key: 'text' },
    lastname: { column: 'lastname', key: 'text' },
    created_at: { column: 'createdAt', key: 'number' },
    updated_at: { column: 'updatedAt', key: 'number' },
    last_login: { column: 'lastLogin', key: 'number' },
  },
  time: 'createdAt',
  search: true,
}

export const ROLE_LIST: ListModel<'id' | 'name'> = {
  model: 'role',
  path: '/api/1/roles',
  fields: ['id', 'name'],
  filters: NAMED_FILTERS,
  sorts: NAMED_SORTS,
}

/** Roles with whom and what they belong to, as `/api/2` lists them. */
export const ROLE_LIST_V2: ListModel<'id' | 'name'> = {
  ...ROLE_LIST,
  path: '/api/2/roles',
  fields: ['id', 'name', 'apps', 'users', 'admins'],
}

export const GROUP_LIST: ListModel<'id' | 'name'> = {
  model: 'group',
  path: '/api/1/groups',
  fields: ['id', 'name', 'reference'],
  filters: NAMED_FILTERS,
  sorts: NAMED_SORTS,
}

export const APP_LIST: ListModel<'id' | 'name'> = {
  model: 'app',
  path: '/api/1/apps',
  fields: ['id', 'connector_id', 'name', 'extension', 'icon', 'visible', 'provisioning'],
  filters: NAMED_FILTERS,
  sorts: NAMED_SORTS,
}

export const APP_LIST_V2: ListModel<'id' | 'name'> = {
  ...APP_LIST,
  path: '/api/2/apps',
  fields: ['id', 'connector_id', 'name', 'description', 'icon_url', 'visible', 'auth_method'],
}

/** The people of one role, as `/api/2` lists them. */
export const roleUserList = (roleId: number): ListModel<UserColumn> => ({
  model: 'user',
  path: `/api/2/roles/${roleId}/users`,
  fields: ['id', 'name', 'email', 'username', 'assigned', 'added_by', 'added_at'],
  filters: {},
  sorts: USER_LIST.sorts,
  search: true,
})
