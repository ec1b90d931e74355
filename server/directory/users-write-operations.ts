/** Changing people, as the API's document shows it. */
import { DONE, done, envelopeOf, one } from '../http/api-schema.ts'
import { operations, type OperationDoc } from '../http/operation.ts'
import { BOB, HAL, HAL_SENT } from './operation-examples.ts'
import { userSchema } from './user-schema.ts'

const params = { id: BOB.id }
const person = (means: string, example: object): OperationDoc['answers'] => [
  { means, schema: one(userSchema), example: envelopeOf([example]) },
]
const isDone = (means: string): OperationDoc['answers'] => [{ means, schema: done, example: DONE }]
/** SHA-256 of the salt `hello` and the password `password`. */
const SALTED = 'b1c788abac15390de987ad17b65ac73c9b475d428a51f245c645a442fddd078b'

export const WRITE_USERS_OPERATIONS = operations('Users, changing', {
  createUser: {
    summary: 'Create a person',
    description:
      'First name, last name and an e-mail or username are needed. The person cannot sign in before they have a password; nobody is written to.',
    example: { body: HAL_SENT },
    answers: person('The new person.', HAL),
    refusals: ['conflict', 'not_found'],
  },
  updateUser: {
    summary: 'Update a person',
    description:
      'Changes what the body names and nothing else. Attributes that nobody can set are passed over.',
    example: { params, body: { title: 'Director', custom_attributes: { branch_name: 'Berlin' } } },
    answers: person('The person, changed.', {
      ...BOB,
      title: 'Director',
      custom_attributes: { branch_name: 'Berlin' },
    }),
    refusals: ['conflict', 'not_found'],
  },
  deleteUser: {
    summary: 'Delete a person',
    description: 'With their factors and sessions. It cannot be undone.',
    example: { params },
    answers: isDone('The person is gone.'),
    refusals: ['not_found'],
  },
  assignRoles: {
    summary: 'Give a person roles',
    example: { params, body: { role_id_array: [11] } },
    answers: isDone('The person has the roles.'),
    refusals: ['not_found'],
  },
  removeRoles: {
    summary: 'Take roles from a person',
    example: { params, body: { role_id_array: [12] } },
    answers: isDone('The roles are taken.'),
    refusals: ['not_found'],
  },
  setPasswordClearText: {
    summary: 'Set a password in clear text',
    description: 'Ends every session of the person. `validate_policy` checks the length.',
    example: {
      params,
      body: {
        password: 'tawny lantern 41',
        password_confirmation: 'tawny lantern 41',
        validate_policy: true,
      },
    },
    answers: isDone('The password is set.'),
    refusals: ['conflict', 'not_found', 'busy'],
  },
  setPasswordSalted: {
    summary: 'Set a password as SHA-256 with a salt',
    description:
      '`password` is the SHA-256, in hexadecimal, of the salt followed by the password. The next sign-in replaces it by Argon2id. Ends every session of the person.',
    example: {
      params,
      body: {
        password: SALTED,
        password_confirmation: SALTED,
        password_algorithm: 'salt+sha256',
        password_salt: 'hello',
      },
    },
    answers: isDone('The password is set.'),
    refusals: ['not_found'],
  },
  setCustomAttributes: {
    summary: 'Set custom attributes',
    description: 'Lays them over those that the person has. Empty text takes one away.',
    example: { params, body: { custom_attributes: { branch_name: 'Berlin' } } },
    answers: isDone('The attributes are set.'),
    refusals: ['not_found'],
  },
  setState: {
    summary: 'Set the state of a person',
    description: 'Sessions of whoever is no longer approved end.',
    example: { params, body: { state: 3 } },
    answers: isDone('The state is set.'),
    refusals: ['not_found'],
  },
  lockUser: {
    summary: 'Lock a person out',
    description: 'For so many minutes, and no shorter than the policy locks those who guess. Sessions end.',
    example: { params, body: { locked_until: 60 } },
    answers: isDone('The person is locked out.'),
    refusals: ['not_found'],
  },
  logOutUser: {
    summary: 'Log a person out everywhere',
    description: 'Sessions and sign-ins in progress end at once. There is no body.',
    example: { params },
    answers: isDone('The person is signed out.'),
    refusals: ['not_found'],
  },
})
