import { sql, type RawBuilder } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import { insertRows } from '../platform/database/insert-rows.ts'
import type { Schema } from '../platform/database/schema.ts'
import type { Claim, Claims, Conflict } from './document-store.ts'

/** A table of this connection only: in SQLite writing to it takes no lock of the directory. */
const TABLE = 'importClaims' as keyof Schema

/** Every claim that another owner of the document has made before. */
const WITHIN = sql`
  select c."what", c."value", c."owner", c."place", f."first" as "firstOwner", cast(null as bigint) as "userId"
  from "importClaims" c join (
    select "what", "value", min("owner") as "first" from "importClaims"
    group by "what", "value" having min("owner") < max("owner")
  ) f on f."what" = c."what" and f."value" = c."value" and c."owner" > f."first"`

/** Every name that is the e-mail or username of a person whom the document does not change. */
const against = (key: 'emailKey' | 'usernameKey'): RawBuilder<unknown> => sql`
  select c."what", c."value", c."owner", c."place", cast(null as bigint) as "firstOwner", u."id" as "userId"
  from "importClaims" c join "users" u on u.${sql.ref(key)} = c."value"
  where c."what" = 'login' and not exists (
    select 1 from "importClaims" m where m."what" = 'id' and m."value" = cast(u."id" as text)
  )`

const CONFLICTS = sql`${WITHIN} union ${against('emailKey')} union ${against('usernameKey')}`

type Found = Claim & { firstOwner: number | null; userId: number | null }

export async function claimsSql(db: Database): Promise<Claims> {
  await sql`drop table if exists "importClaims"`.execute(db)
  await sql`create temporary table "importClaims"
    ("what" text not null, "value" text not null, "owner" bigint not null, "place" text not null)`.execute(db)
  await sql`create index "importClaimsByValue" on "importClaims" ("what", "value", "owner")`.execute(db)
  return {
    add: (claims) => insertRows(db, TABLE, claims as never),
    async conflicts(limit) {
      const { rows } = await sql<Found>`select * from (${CONFLICTS}) as "found"
        order by "owner", "place", "what" limit ${limit}`.execute(db)
      const count = rows.length < limit ? rows.length : await countConflicts(db)
      return { first: rows.map(toConflict), count }
    },
  }
}

async function countConflicts(db: Database): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*) as "count" from (${CONFLICTS}) as "found"`.execute(db)
  return rows[0]!.count
}

const toConflict = ({ firstOwner, userId, ...claim }: Found): Conflict => ({
  claim,
  first: userId === null ? { owner: firstOwner! } : { userId },
})
