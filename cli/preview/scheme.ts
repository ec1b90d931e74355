/** Whether a page follows the screen, or is shown as on a light or a dark one. */
export const SCHEMES = ['screen', 'light', 'dark'] as const
export type Scheme = (typeof SCHEMES)[number]

const ALWAYS = '(min-width: 0)'
const NEVER = '(max-width: 0)'

/** A page or stylesheet as it is on a light or a dark screen, whatever the screen is. */
export function inScheme(text: string, scheme: Scheme): string {
  if (scheme === 'screen') return text
  return text
    .replaceAll(/\(prefers-color-scheme:\s*(dark|light)\)/g, (_, asked) =>
      asked === scheme ? ALWAYS : NEVER,
    )
    .replaceAll(/(color-scheme(?:" content="|:\s*))light dark/g, `$1${scheme}`)
    .replaceAll(/(<link rel="stylesheet" href="[^"?]+)"/g, `$1?scheme=${scheme}"`)
}
