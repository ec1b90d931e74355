import type { PageFacts } from '../../server/branding/page.ts'

/** Stands in for everything that comes from people, so that tests can make it hostile. */
export type Text = (usual: string) => string

/** One page in one state. */
export interface PageState {
  name: string
  template: string
  view: (page: PageFacts, text?: Text) => object
  /** Another site that the page's form leads to. */
  formAction?: string
}

/** Texts as they usually are. */
export const same: Text = (usual) => usual

/** Ten minutes, and more to have. */
export const SAMPLE_TIME = { left: 600, more: true }
