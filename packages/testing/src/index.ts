export { freePort } from './free-port.js';
export { createGitRemote, type GitRemote, type GitRemoteOptions } from './git-remote.js';
export { type HttpReceiver, type ReceivedRequest, startHttpReceiver } from './http-receiver.js';
export { installWorldProvider, type WorldProvider } from './install-world-provider.js';
export { startTestNats, type TestNats } from './nats.js';
export { type PackedWorldProvider, packWorldProvider } from './pack-world-provider.js';
export { startTestPostgres, type TestPostgres } from './postgres.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { type UntilOptions, until } from './until.js';
