/** `list` in pieces of at most `size`. */
export function* slices<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let i = 0; i < list.length; i += size) yield list.slice(i, i + size)
}

/** The entries of `list` by key, each group in the list's order. */
export function grouped<T, K>(list: readonly T[], key: (entry: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const entry of list) {
    const group = groups.get(key(entry))
    if (group) group.push(entry)
    else groups.set(key(entry), [entry])
  }
  return groups
}

/** Runs `job` for every entry, at most `width` at a time. */
export async function inParallel<T>(
  list: readonly T[],
  width: number,
  job: (entry: T) => Promise<void>,
): Promise<void> {
  const rest = list.values()
  const worker = async () => {
    for (const entry of rest) await job(entry)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** The keys of `patch` that say something else than `row`; undefined says nothing. */
export function differing<R extends object>(row: R | undefined, patch: Partial<R>): Partial<R> {
  const changes = Object.entries(patch).filter(
    ([key, value]) => value !== undefined && value !== row?.[key as keyof R],
  )
  return Object.fromEntries(changes) as Partial<R>
}
