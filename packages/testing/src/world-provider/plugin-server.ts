// The side of a plugin in HashiCorp's go-plugin, with gRPC: the handshake line, mutual TLS, unary calls, a graceful end.
// See docs/internals.md of go-plugin, and PROTOCOL-HTTP2.md of gRPC. On node:http2 alone: Terraform starts a provider some
// five times for one plan, and a gRPC library takes several times as long to load as this takes to answer.
import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createCertificate } from './certificate.js';

/** Answers one call; rejects with an Error whose message the caller is shown. */
export type Method = (request: Buffer) => Promise<Buffer>;

export interface PluginOptions {
  /** By path: `/package.Service/Method`. */
  readonly methods: ReadonlyMap<string, Method>;
  /** Of the plugin protocol, as in tfplugin6. */
  readonly protocolVersion: number;
  /** The caller's certificate, PEM. */
  readonly clientCertificate: string;
}

const unimplemented = 12;
const internal = 13;
const connectTimeoutMs = 60_000;

/** Resolves when the caller has asked for the end, is gone, or never came. */
export async function servePlugin({ methods, protocolVersion, clientCertificate }: PluginOptions): Promise<void> {
  const { keyPem, certificatePem, certificateDer } = createCertificate(new Date());
  const server = createSecureServer({
    key: keyPem,
    cert: certificatePem,
    ca: clientCertificate,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
  const ended = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, connectTimeoutMs);
    server.on('session', (session) => {
      clearTimeout(timer);
      session.on('close', resolve);
    });
    server.on('stream', (stream, headers) => {
      const path = String(headers[':path']);
      stream.on('error', () => {});
      if (path === '/plugin.GRPCController/Shutdown') stream.on('close', resolve);
      const method = path === '/plugin.GRPCController/Shutdown' ? async () => Buffer.alloc(0) : methods.get(path);
      if (method === undefined) end(stream, unimplemented, `${path} is not implemented`);
      else void answer(stream, method);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const certificate = certificateDer.toString('base64').replace(/=+$/, '');
  process.stdout.write(`1|${protocolVersion}|tcp|127.0.0.1:${port}|grpc|${certificate}\n`);
  await ended;
}

async function answer(stream: ServerHttp2Stream, method: Method): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    // One message: a byte that says whether it is compressed, four of its length.
    const response = await method(Buffer.concat(chunks).subarray(5));
    const header = Buffer.alloc(5);
    header.writeUInt32BE(response.length, 1);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.concat([header, response]));
  } catch (error) {
    end(stream, internal, error instanceof Error ? error.message : String(error));
  }
}

function end(stream: ServerHttp2Stream, status: number, message: string): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(status),
      'grpc-message': encodeURIComponent(message),
    },
    { endStream: true },
  );
}
