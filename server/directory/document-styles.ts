import { styleFaults } from '../branding/custom-css.ts'
import type { Faults } from './document-faults.ts'
import type { ReadDocument } from './document-read.ts'

/** Notes what the CSS of brands may not do, each with its line. */
export async function addStyleFaults(
  { brands }: Pick<ReadDocument, 'brands'>,
  faults: Faults,
): Promise<void> {
  for (const { path, value } of brands) {
    if (typeof value.custom_css !== 'string') continue
    for (const { line, message } of await styleFaults(value.custom_css))
      faults.push({ path: `${path}.custom_css`, message: `line ${line}: ${message}` })
  }
}
