/** A copy of a row that lacks some of its columns. */
export function without<R extends object, K extends keyof R>(row: R, ...columns: K[]): Omit<R, K> {
  const copy: Partial<R> = { ...row }
  for (const column of columns) Reflect.deleteProperty(copy, column)
  return copy as Omit<R, K>
}
