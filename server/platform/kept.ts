/** Freezes a value and all that is in it: what is shared is not changed by one of its holders. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

/** `read`, which keeps what it gave for the last `most` texts: the same text gives the same frozen value, once made. */
export function keptByText<T>(read: (text: string) => T, most = 100): (text: string) => T {
  const kept = new Map<string, T>()
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) return known
    const value = frozen(read(text))
    if (kept.size >= most) kept.delete(kept.keys().next().value!)
    kept.set(text, value)
    return value
  }
}

/** `make`, which makes a frozen thing of an object once, for as long as there is that object: of one that never changes. */
export function keptByObject<F, T>(make: (from: F) => T): (from: F) => T {
  const kept = new WeakMap<object, { made: T }>()
  return (from) => {
    if (typeof from !== 'object' || from === null) return make(from)
    const known = kept.get(from)
    if (known) return known.made
    const made = frozen(make(from))
    kept.set(from, { made })
    return made
  }
}
