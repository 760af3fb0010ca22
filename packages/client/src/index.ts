export type { CallOptions, ClientOptions } from './caller.ts';
export { createClient, type NavetteClient } from './client.ts';
export * from './contract.ts';
export { NavetteApiError, NavetteConnectionError } from './errors.ts';
export type { FollowOptions } from './follow.ts';
export type { RetryPolicy } from './retrying.ts';
export type { SubmitManyOptions } from './submit-many.ts';
export type { WaitOptions } from './task-calls.ts';
