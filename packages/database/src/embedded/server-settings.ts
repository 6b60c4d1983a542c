// How the embedded server is configured: small, on loopback, and as durable as Postgres is.

/** What a commit survives: a power cut, or only the death of any process (faster; for tests). */
export type Durability = 'power' | 'process';

export const superuser = 'terramesh';
export const databaseName = 'terramesh';

export function serverArgs(options: {
  readonly directory: string;
  readonly port: number;
  readonly major: number;
  readonly durability: Durability;
}): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port: options.port,
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: 100,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Refused statements are the caller's to tell about; here they would fill the disk.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    // Idle memory and processes: see the figure in ARCHITECTURE.md.
    shared_buffers: '16MB',
    min_wal_size: '32MB',
    max_wal_size: '256MB',
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    max_parallel_workers_per_gather: 0,
    jit: 'off',
    ...(options.major >= 18 ? { io_method: 'sync' } : {}),
    ...(options.durability === 'process' ? { fsync: 'off', full_page_writes: 'off' } : {}),
  };
  return ['-D', options.directory, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Nothing of ours: PG… variables would change what the server does. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' };
}

export function connectionUrl(password: string, port: number, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}
