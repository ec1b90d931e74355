import { describe, expect, test } from 'vitest'
import type { EventColumn, EventStore } from '../../server/events/event-store.ts'
import type { Condition, ListQuery } from '../../server/platform/listing.ts'

const query = (more: Partial<ListQuery<EventColumn>> = {}): ListQuery<EventColumn> => ({
  where: [],
  search: undefined,
  sort: { column: 'id', descending: false },
  limit: 50,
  from: undefined,
  ...more,
})
const where = (column: EventColumn, to: string | number, not = false): Condition<EventColumn> => ({
  column,
  not,
  test: { is: 'equal', to },
})

/** What every `EventStore` must do. `at` sets its clock. */
export function eventStoreContract(
  name: string,
  open: () => Promise<{ store: EventStore; at: (ms: number) => void }>,
) {
  describe(`event store, ${name}`, () => {
    test('keeps what is appended, with the time and the account', async () => {
      const { store, at } = await open()
      at(1_900_000_000_123)
      const origin = { address: '192.0.2.1', requestId: 'r1', clientId: 'c1' }
      const user = { id: 7, name: 'Ada' }
      await store.append({ typeId: 24, origin, user, authenticator: { id: 70, name: 'Phone' }, notes: 'n' })
      const [event] = (await store.list(query())).items
      expect(event).toMatchObject({
        createdAt: 1_900_000_000_123,
        eventTypeId: 24,
        accountId: 1,
        userId: 7,
        userName: 'Ada',
        otpDeviceId: 70,
        otpDeviceName: 'Phone',
        ipaddr: '192.0.2.1',
        requestId: 'r1',
        clientId: 'c1',
        notes: 'n',
        appId: null,
        errorDescription: null,
        resolution: null,
      })
      expect(await store.find(event!.id)).toEqual(event)
    })

    test('keeps what another program says, and knows no event that is not there', async () => {
      const { store } = await open()
      await store.record({ eventTypeId: 8, customMessage: 'hello', directoryId: 3 })
      const { items } = await store.list(query({ where: [where('directoryId', 3)] }))
      expect(items).toMatchObject([{ eventTypeId: 8, customMessage: 'hello', accountId: 1 }])
      expect(await store.find(items[0]!.id + 1)).toBeUndefined()
    })

    test('lists in pages, and by newest, without losing events of the same moment', async () => {
      const { store, at } = await open()
      for (const [i, time] of [5, 5, 6, 6, 6, 7].entries()) {
        at(time)
        await store.record({ eventTypeId: i + 1 })
      }
      const sort = { column: 'createdAt', descending: true } as const
      const seen: number[] = []
      let from: ListQuery<EventColumn>['from']
      do {
        const page = await store.list(query({ sort, limit: 2, from }))
        seen.push(...page.items.map(({ eventTypeId }) => eventTypeId))
        from = page.after && { ...page.after, direction: 'after' }
      } while (from)
      expect(seen).toEqual([6, 5, 4, 3, 2, 1])
    })

    test('filters by what is there and by what is not', async () => {
      const { store } = await open()
      for (const clientId of ['a', 'b', null]) await store.record({ eventTypeId: 1, clientId })
      const clients = async (condition: Condition<EventColumn>) =>
        (await store.list(query({ where: [condition] }))).items.map(({ clientId }) => clientId)
      expect(await clients(where('clientId', 'a'))).toEqual(['a'])
      expect(await clients(where('clientId', 'a', true))).toEqual(['b', null])
    })
  })
}
