import type { lookup, LookupOptions } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectToTarget } from '../../../src/cluster/node-access/connect-target.ts';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';
import { lookupWithin } from '../../../src/kubernetes/client/dial.ts';
import { isLocalAddress } from '../../../src/kubernetes/client/local-addresses.ts';

const LOCAL = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '169.254.169.254',
  '168.63.129.16',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '::ffff:0:127.0.0.1',
  '::1%lo',
  'fd00:ec2::254',
  'localhost',
  '',
];
const OTHERS = [
  '2603:1030::1%eth0',
  '10.0.0.1',
  '172.16.0.4',
  '192.168.1.1',
  '20.61.97.11',
  '168.63.129.17',
  'fd12::1',
  '2603:1030::1',
];

describe('an address', () => {
  it.each(LOCAL)('of this machine or its link is local: %j', (address) => {
    expect(isLocalAddress(address)).toBe(true);
  });

  it.each([...OTHERS, '::ffff:10.0.0.1'])('of a private network or the internet is not: %s', (address) => {
    expect(isLocalAddress(address)).toBe(false);
  });
});

describe('a name with several addresses', () => {
  const ADDRESSES = [
    { address: '169.254.169.254', family: 4 },
    { address: '20.61.97.11', family: 4 },
    { address: 'fe80::1', family: 6 },
  ];
  const resolve = ((_name: string, _options: object, done: (error: null, found: typeof ADDRESSES) => void) =>
    done(null, ADDRESSES)) as unknown as typeof lookup;
  const ask = (options: LookupOptions) =>
    new Promise((done) =>
      lookupWithin((address) => !isLocalAddress(address), resolve)('x', options, (_error, found) => done(found)),
    );

  it('is connected to at those that may be dialled, and at no other', async () => {
    expect(await ask({ all: true })).toEqual([{ address: '20.61.97.11', family: 4 }]);
    expect(await ask({})).toBe('20.61.97.11');
  });
});

describe('a connection to a target', () => {
  let server: Server | undefined;
  let connection: Connection | undefined;
  let asked = 0;

  afterEach(async () => {
    await connection?.close();
    await new Promise((resolve) => {
      server?.close(resolve);
      server?.closeAllConnections();
    });
  });

  async function serve(): Promise<number> {
    asked = 0;
    server = createServer((_request, response) => {
      asked++;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{}');
    });
    await new Promise<void>((resolve) => server?.listen(0, resolve));
    return (server.address() as AddressInfo).port;
  }

  it.each(['127.0.0.1', '[::1]', 'localhost', '127.1', '0x7f000001', '2130706433', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    'is not made to this machine, however it is written: %s',
    async (host) => {
      const port = await serve();
      connection = connectToTarget({ server: `http://${host}:${port}` });
      await expect(connection.request({ path: '/x' })).rejects.toMatchObject({ status: 0, reason: 'AddressRefused' });
      await expect(connection.stream({ path: '/x' })).rejects.toMatchObject({ reason: 'AddressRefused' });
      expect(asked).toBe(0);
    },
  );

  it.each(['127.0.0.1', 'localhost'])('is made to it where that is allowed: %s', async (host) => {
    const port = await serve();
    connection = connectToTarget({ server: `http://${host}:${port}` }, { allowLocal: true });
    expect(await connection.request({ path: '/x' })).toEqual({});
  });
});
