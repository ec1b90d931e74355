import { errorView, type ErrorPageCode } from '../../server/http/error-view.ts'
import { referenceView } from '../../server/reference/reference-view.ts'
import { samlPostView } from '../../server/saml/post-view.ts'
import { same, type PageState } from './page-state.ts'

const ERRORS: [code: ErrorPageCode, status: number, retryAfterSeconds?: number][] = [
  ['no_route', 404],
  ['insufficient_permission', 403],
  ['csrf_invalid', 403],
  ['rate_limited', 429, 42],
  ['attempt_invalid', 401],
  ['app_not_assigned', 403],
  ['unavailable', 503],
  ['busy', 503, 2],
  ['internal', 500],
]

/** The way to an app, the reference, and what goes wrong anywhere. */
export const OTHER_STATES: PageState[] = [
  {
    name: 'saml-post',
    template: 'saml/post.njk',
    formAction: 'https://sp.example.test',
    view: (page, text = same) =>
      samlPostView({
        page,
        acsUrl: 'https://sp.example.test/acs?a=1&b=2',
        samlResponse: text('PHNhbWxwOlJlc3BvbnNlLz4='),
        relayState: text('deep/link'),
        appName: text('Wiki'),
      }),
  },
  {
    name: 'reference',
    template: 'reference/reference.njk',
    view: (page, text = same) =>
      referenceView({
        page,
        document: '/api/1/openapi.json',
        library: { script: '/static/js/copy.js', style: '/static/css/reference.css' }, // the library is not there
        origin: 'https://login.acme.test',
        groups: [
          {
            name: 'Users',
            anchor: 'users',
            text: 'The people of the directory.',
            operations: ['GET', 'DELETE'].map((method) => ({
              method,
              path: '/api/1/users/:id',
              summary: text('Get a person'),
              needs: 'Read Users, Manage All',
            })),
          },
        ],
      }),
  },
  ...ERRORS.map(([code, status, retryAfterSeconds]): PageState => ({
    name: `error-${code}`,
    template: 'error/error.njk',
    view: (page, text = same) =>
      errorView({ page, status, code, requestId: text('req-7f3a9c21'), retryAfterSeconds }),
  })),
]
