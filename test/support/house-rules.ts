import type { House, Import, Source } from './house.ts'

/** One rule of the house. */
export interface Rule {
  rule: string
  /** Every breach, as `path: what`. */
  breaches: (house: House) => string[]
  /** Small houses that break it, one breach each, so that no rule can rot into one that is always kept. */
  broken: Record<string, string>[]
  /** A small house that looks alike and keeps it. */
  kept?: Record<string, string>
}

/** Ports whose contract is another port's, e.g. since the two are one adapter. A reason must be given. */
export type CoveredPorts = Record<string, { contract: string; because: string }>

export const roomOf = (path: string): string => /^server\/([^/]+)\//.exec(path)?.[1] ?? ''
const isProduct = ({ path }: Source): boolean => path.startsWith('server/') || path.startsWith('cli/')
export const isAdapter = (path: string): boolean => /-store-[a-z0-9]+\.ts$/.test(path)
export const isPort = (path: string): boolean => /^server\/.*-store\.ts$/.test(path)
export const isDoor = (path: string): boolean => /(^|[/-])(routes|wire)\.ts$|[/-]view\.ts$/.test(path)
export const isPlatform = (path: string): boolean => path.startsWith('server/platform/')
export const isContext = (path: string): boolean => path === 'server/context.ts'

/** Commands that have only HTTP; in each one file may know its machine: environment, time and randomness. */
export const isRemote = (path: string): boolean => /^cli\/(aws|users)\//.test(path)
export const isLaptop = (path: string): boolean => /^cli\/(aws|users)\/machine\.ts$/.test(path)

export const product = (house: House): Source[] => [...house.files.values()].filter(isProduct)

type Forbidden = (from: Import, file: Source, house: House) => boolean

/** A rule about import lines. */
export const imports =
  (forbidden: Forbidden) =>
  (house: House): string[] =>
    product(house).flatMap((file) =>
      file.imports
        .filter((line) => forbidden(line, file, house))
        .map((line) => `${file.path}: imports ${line.from}`),
    )

/** A rule about what stands in the code. */
export const signs =
  (forbidden: RegExp, isAllowed: (path: string) => boolean) =>
  (house: House): string[] =>
    product(house)
      .filter((file) => !isAllowed(file.path))
      .flatMap((file) =>
        [...file.signs].filter((sign) => forbidden.test(sign)).map((sign) => `${file.path}: ${sign}`),
      )

/** `kysely` of `kysely/helpers`. */
export const packageOf = (from: string): string => /^(@[^/]+\/[^/]+|[^/]+)/.exec(from)?.[1] ?? from

/** What is read before the server listens although hardly a request needs it: by `import()` it is read where it is used. */
export function readAtStart(house: House, heavy: ReadonlySet<string>): string[] {
  const seen = new Set<string>()
  const walk = (path: string): string[] => {
    if (seen.has(path)) return []
    seen.add(path)
    const now = (house.files.get(path)?.imports ?? []).filter(({ typeOnly, later }) => !typeOnly && !later)
    return now.flatMap(({ from }) => (heavy.has(packageOf(from)) ? [`${path}: imports ${from}`] : walk(from)))
  }
  return walk('server/main.ts')
}

/** Every circle of imports, types included: two files that need each other's types are one subject. */
export function cycles(house: House): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) return void found.push([...trail.slice(start), path].join(' -> '))
    if (done.has(path)) return
    const ours = (house.files.get(path)?.imports ?? []).filter(({ from }) => house.files.has(from))
    for (const { from } of ours) walk(from, [...trail, path])
    done.add(path)
  }
  for (const { path } of product(house)) walk(path, [])
  return found
}

/** Ports whose contract is missing or called by no test. */
export function portsWithoutContract(house: House, covered: CoveredPorts): string[] {
  const isCalled = (contract: string) =>
    [...house.files.values()].some(
      ({ path, imports }) =>
        path.endsWith('.test.ts') && imports.some((line) => line.from === contract && !line.typeOnly),
    )
  return [...house.files.keys()].filter(isPort).flatMap((port) => {
    const own = port.replace(/^server\//, 'test/').replace(/\.ts$/, '.contract.ts')
    const contract = covered[port]?.contract ?? own
    if (!house.files.has(contract)) return [`${port}: has no ${contract}`]
    return isCalled(contract) ? [] : [`${port}: no test calls ${contract}`]
  })
}
