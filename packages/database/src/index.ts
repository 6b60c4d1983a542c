export { type Database, type DatabaseOptions, openDatabase, type TransactionOptions } from './database.js';
export type { EmbeddedPostgres } from './embedded/running-server.js';
export type { Durability } from './embedded/server-settings.js';
export { type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded/start.js';
export type { DatabaseLogger } from './logger.js';
export { announce, outboxMigration } from './outbox.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
export { ConnectionError, isSerializationFailure, isTransient, sqlStateOf } from './transient.js';
export { updateLocked } from './update-locked.js';
