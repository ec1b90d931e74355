/** A QR code as one path of an SVG: no inline style, no picture from elsewhere. */
export interface QrView {
  /** Modules on a side, with the quiet zone around them. */
  size: number
  path: string
}

/** Modules of white around it (ISO/IEC 18004 section 9.1). */
const QUIET = 4

/** The library is loaded when somebody first needs it. */
export async function qrView(text: string): Promise<QrView> {
  const { create } = await import('qrcode')
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const rows = Array.from({ length: modules.size }, (_, y) => rowPath(modules, y))
  return { size: modules.size + 2 * QUIET, path: rows.join('') }
}

interface Modules {
  size: number
  get(row: number, column: number): number
}

function rowPath(modules: Modules, y: number): string {
  const { size } = modules
  let path = ''
  for (let x = 0; x < size; x++) {
    const start = x
    while (x < size && modules.get(y, x)) x++
    if (x > start) path += `M${start + QUIET} ${y + QUIET}h${x - start}v1h-${x - start}z`
  }
  return path
}
