import { readFile } from 'node:fs/promises'
import { brandSchema, type Brand } from '../../server/branding/brand.ts'
import { Faults, faultsOf, plainWords } from '../../server/directory/document-faults.ts'
import { partsOf } from '../../server/directory/document-parts.ts'
import { addStyleFaults } from '../../server/directory/document-styles.ts'

const withoutNulls = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null))
    : value

/** The brands of a directory document, checked as an import would check them. @throws DocumentError */
export async function readBrands(path: string): Promise<Brand[]> {
  const faults = new Faults()
  const brands: { path: string; value: Brand }[] = []
  for await (const part of partsOf([await readFile(path, 'utf8')])) {
    if (part.key !== 'brands' || part.is === 'list') continue
    if (part.is === 'value') {
      faults.push({ path: '$.brands', message: 'must be a list' })
      continue
    }
    const at = `$.brands[${part.index}]`
    const parsed = brandSchema.safeParse(withoutNulls(part.value), { error: plainWords })
    if (parsed.success) brands.push({ path: at, value: parsed.data })
    else faults.push(...faultsOf(parsed.error, at))
  }
  await addStyleFaults({ brands }, faults)
  if (brands.length + faults.count === 0) faults.push({ path: '$.brands', message: 'is missing' })
  faults.throwIfAny()
  return brands.map(({ value }) => value)
}
