/** Where a device says that it keeps its key: in an agent or hardware, in the system's keychain, or in a file. */
export const KEY_STORAGES = ['agent', 'keychain', 'file'] as const
export type KeyStorage = (typeof KEY_STORAGES)[number]
