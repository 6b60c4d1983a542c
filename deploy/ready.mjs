// The images' health check: node ready.mjs <port>. Exits 0 when the service says that it can serve.
const [port = '8080'] = process.argv.slice(2);
const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2500) }).catch(() => null);
process.exitCode = answer?.ok === true ? 0 : 1;
