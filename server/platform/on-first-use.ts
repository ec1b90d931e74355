/** Makes it when it is first asked for, once: what a process may never need costs neither its start nor its memory. */
export function onFirstUse<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
