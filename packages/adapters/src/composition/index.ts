export { type EndingWaits, withEndingWaits } from './ending-waits.ts';
export { listen, type RunningServer } from './http-server.ts';
export { runService, type Service, type ServiceContext } from './service.ts';
export { type Rule, readSettings, type Settings, type Variable, type Variables } from './settings.ts';
export { createShutdownList, type ShutdownList } from './shutdown.ts';
export { StartupError } from './startup-error.ts';
export { type ApiKey, healthPort, isLoopback, keysBeyondLoopback, required, variables } from './variables.ts';
