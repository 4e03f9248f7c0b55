import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { boundConnections } from '../../src/runtime/bounded-connections.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a server with room for two connections', () => {
  let server: Server;
  let waiting: ServerResponse[];
  let asked: () => void;
  const clients: Socket[] = [];

  beforeEach(async () => {
    waiting = [];
    asked = () => {};
    server = createServer((_request, response) => {
      waiting.push(response);
      asked();
    });
    boundConnections(server, 2);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  async function open(): Promise<Socket> {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => {});
    clients.push(client);
    client.resume();
    await once(client, 'connect');
    return client;
  }

  /** Asks, and returns once the server has to answer. */
  async function ask(client: Socket): Promise<ServerResponse> {
    const heard = new Promise<void>((resolve) => (asked = resolve));
    client.write(REQUEST);
    await heard;
    return waiting.at(-1)!;
  }

  const isCut = async (client: Socket) => once(client, 'close').then(() => true);

  it('cuts one that waits between two requests, and none that is being answered, no matter which came first', async () => {
    const busy = await open();
    await ask(busy);
    const idle = await open();
    (await ask(idle)).end();
    const third = await open();
    expect(await isCut(idle)).toBe(true);
    expect(busy.closed).toBe(false);
    (await ask(third)).end();
    waiting[0]?.end();
    expect((await once(busy, 'data')).toString()).toContain('200 OK');
  });

  it('turns a new one away while both are being answered', async () => {
    const both = [await open(), await open()];
    for (const client of both) await ask(client);
    expect(await isCut(await open())).toBe(true);
    expect(both.map(({ closed }) => closed)).toEqual([false, false]);
  });
});
