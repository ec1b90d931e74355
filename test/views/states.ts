/** The sample states live in `cli/preview/`, a file a room: add yours there. */
export { BRANDS } from '../../cli/preview/brands.ts'
export { pageFacts } from '../../cli/preview/sample-page.ts'
export { STATES } from '../../cli/preview/states.ts'
