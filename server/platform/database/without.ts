/** A copy of a row that lacks some of its columns. */
export function without<R extends object, K extends keyof R>(row: R, ...columns: K[]): Omit<R, K> {
  const copy: Partial<R> = {}
  // Deleted from a copy, they would leave an object that is slow to read from then on.
  for (const column of Object.keys(row) as (keyof R)[])
    if (!(columns as (keyof R)[]).includes(column)) copy[column] = row[column]
  return copy as Omit<R, K>
}

/** A copy of a row that has some of its columns alone. */
export function only<R extends object, K extends keyof R>(row: R, columns: readonly K[]): Pick<R, K> {
  const copy: Partial<Pick<R, K>> = {}
  for (const column of columns) copy[column] = row[column]
  return copy as Pick<R, K>
}
