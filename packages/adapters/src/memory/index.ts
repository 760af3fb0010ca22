export { createManualSystem, type ManualSystem, type ManualSystemOptions } from './manual-system.ts';
export { createMemoryBroker } from './memory-broker.ts';
export { createMemoryEvents } from './memory-events.ts';
export { type MemoryNavetteOptions, memoryNavette } from './memory-navette.ts';
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
export type { MemoryTransaction } from './transactions.ts';
