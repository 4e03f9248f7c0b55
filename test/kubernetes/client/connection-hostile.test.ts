import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Of a request here, in ms. */
const DEADLINE = 400;
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;

/** Sends the beginning, and then the same again and again for as long as it is taken. */
function endless(beginning: string, again: string) {
  return async (socket: Socket) => {
    socket.write(beginning);
    const part = again.repeat(Math.ceil(65_536 / again.length));
    const room = () => Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
    while (!socket.destroyed) if (!socket.write(part)) await room();
  };
}

const send = (text: string) => async (socket: Socket) => void socket.write(text);

const BLANKS = Buffer.alloc(64 * 2 ** 20, ' ');

/** A short answer that unpacks to 64 MiB. */
function bomb(encoding: string, packed: Buffer, head = HEAD) {
  return async (socket: Socket) => {
    socket.write(`${head}content-encoding: ${encoding}\r\ncontent-length: ${packed.length}\r\n\r\n`);
    socket.write(packed);
  };
}
const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\n';

type Row = readonly [what: string, serve: (socket: Socket) => Promise<void>, reason: RegExp];

const ROWS: readonly Row[] = [
  ['provisional answers without end', endless('', 'HTTP/1.1 103 Early Hints\r\n\r\n'), /^UnexpectedAnswer$/],
  ['headers without end', endless(HEAD, 'x-header: some value\r\n'), /OVERFLOW/],
  ['one header without end', endless(`${HEAD}x: `, 'a'), /OVERFLOW/],
  ['the name of a header without end', endless(HEAD, 'a'), /OVERFLOW|HPE/],
  ['a reason without end', endless('HTTP/1.1 200 ', 'a'), /OVERFLOW|HPE|Timeout/],
  ['trailers without end', endless(`${CHUNKED}2\r\n{}\r\n0\r\n`, 'x-trailer: some value\r\n'), /OVERFLOW|HPE|Timeout/],
  ['an extension of a chunk without end', endless(`${CHUNKED}2;a=`, 'b'), /HPE|Timeout|TooLarge/],
  ['the length of a chunk without end', endless(CHUNKED, '0'), /HPE|Timeout/],
  ['a chunk that is larger than can be', send(`${CHUNKED}FFFFFFFFFFFFFFFFF\r\n`), /^NetworkError$|HPE|MISMATCH/],
  ['blank lines without end', endless('', '\r\n'), /HPE|Timeout/],
  ['bytes that are no HTTP', endless('', '\u0000\u0001'), /^NetworkError$|HPE|MISMATCH/],
  ['a body without end', endless(`${HEAD}\r\n`, ' '), /^TooLarge$/],
  ['two lengths', send(`${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`), /^NetworkError$|HPE|MISMATCH/],
  ['a length that is negative', send(`${HEAD}content-length: -2\r\n\r\n{}`), /^NetworkError$|HPE|MISMATCH/],
  [
    'a body that is compressed',
    send(`${HEAD}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}`),
    /^UnexpectedAnswer$/,
  ],
  ['64 MiB, packed with gzip', bomb('gzip', gzipSync(BLANKS)), /^UnexpectedAnswer$/],
  ['64 MiB, packed with deflate', bomb('deflate', deflateSync(BLANKS)), /^UnexpectedAnswer$/],
  ['64 MiB, packed with br', bomb('br', brotliCompressSync(BLANKS)), /^UnexpectedAnswer$/],
  ['64 MiB, packed twice', bomb('gzip, gzip', gzipSync(gzipSync(BLANKS))), /^UnexpectedAnswer$/],
  ['a refusal of 64 MiB, packed with gzip', bomb('gzip', gzipSync(BLANKS), FORBIDDEN), /^Forbidden$/],
  ['another protocol', send('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'), /./],
  ['nothing', async () => {}, /^Timeout$/],
  ['half a head', send('HTTP/1.1 200 OK\r\ncontent-'), /^Timeout$/],
  ['half a body', send(`${HEAD}content-length: 20\r\n\r\n{"a":`), /^Timeout$/],
  ['an end', async (socket) => void socket.end(), /./],
];

/** What this process holds, in MiB. */
function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

describe('a server that answers with', () => {
  let server: Server | undefined;
  let connection: Connection | undefined;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    await connection?.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  });

  async function serve(each: (socket: Socket) => Promise<void>): Promise<Connection> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('data', () => void each(socket));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return connect({ server: `http://127.0.0.1:${port}` }, { timeoutMs: DEADLINE, maxAnswerBytes: 4 * 2 ** 20 });
  }

  it.each(ROWS)('%s is refused in time, and takes no memory', async (_what, each, reason) => {
    connection = await serve(each);
    const before = held();
    const began = performance.now();
    const error: unknown = await connection.request({ path: '/api' }).catch((thrown: unknown) => thrown);
    expect(performance.now() - began).toBeLessThan(DEADLINE + 1500);
    expect(error).toBeInstanceOf(KubernetesError);
    expect((error as KubernetesError).reason).toMatch(reason);
    expect((error as KubernetesError).message.length).toBeLessThan(1000);
    expect(held() - before).toBeLessThan(64);
  });

  it.each(ROWS)('%s in place of a watch ends it, or leaves it to the caller', async (_what, each) => {
    connection = await serve(each);
    const caller = new AbortController();
    const timer = setTimeout(() => caller.abort(new Error('enough')), DEADLINE);
    const watch = async () => {
      for await (const line of await connection!.stream({ path: '/api', signal: caller.signal }))
        expect(line).toBeDefined();
    };
    const began = performance.now();
    await watch().catch(() => {});
    clearTimeout(timer);
    expect(performance.now() - began).toBeLessThan(DEADLINE + 1500);
  });

  it('a redirect is not followed', async () => {
    let asked = 0;
    connection = await serve(async (socket) => {
      asked += 1;
      socket.write('HTTP/1.1 302 Found\r\nlocation: /api\r\ncontent-length: 0\r\n\r\n');
    });
    await expect(connection.request({ path: '/api' })).rejects.toMatchObject({ status: 302 });
    expect(asked).toBe(1);
  });
});
