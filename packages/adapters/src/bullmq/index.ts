export { type BullmqBroker, type BullmqBrokerOptions, createBullmqBroker } from './bullmq-broker.ts';
export type { RedisAddress } from './redis-connection.ts';
export { createRedisEvents, type RedisEventsOptions } from './redis-events.ts';
