// A process that starts the server of a folder and then does nothing until it is killed.
import { startEmbeddedPostgres } from '../dist/index.js';

const server = await startEmbeddedPostgres({ dataDir: process.argv[2], durability: 'process' });
process.stdout.write(JSON.stringify({ url: server.url, pid: server.pid, outcome: server.outcome }));
setInterval(() => {}, 60_000);
