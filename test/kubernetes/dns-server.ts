import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What a name server says of a name: its IPv4 addresses, that it does not exist, or nothing at all. */
export type DnsAnswer = readonly string[] | 'NoSuchName' | 'Nothing';

/** A name server on loopback that answers over UDP as a test says. */
export interface DnsServer {
  /** As `Resolver.setServers` takes it. */
  readonly address: string;
  /** Names that were asked for, once for each question. */
  readonly asked: string[];
  stop(): Promise<void>;
}

const [NO_ERROR, NO_SUCH_NAME] = [0x8180, 0x8183];
const IPV4 = 1;

/** @param answer `of` is the name in lower case; questions about other types than A get no record */
export async function startDnsServer(answer: (of: string) => DnsAnswer): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, end, type } = questionIn(query);
    asked.push(name);
    const said = answer(name);
    if (said === 'Nothing') return;
    const addresses = type === IPV4 && said !== 'NoSuchName' ? said : [];
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(said === 'NoSuchName' ? NO_SUCH_NAME : NO_ERROR, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(addresses.length, 6);
    // A pointer to the name in the question, type A, class IN, 60 s, 4 bytes.
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 12, 0, IPV4, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([head, query.subarray(12, end), ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    stop: () => new Promise((resolve) => socket.close(resolve)),
  };
}

/** RFC 1035 section 4.1.2. */
function questionIn(query: Buffer): { name: string; end: number; type: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}
