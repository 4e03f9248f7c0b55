import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeServingCertificate } from '../../../simulator/http/certificates.ts';
import type { Credentials } from '../../../src/kubernetes/auth/types.ts';

/** How a tenant's own server answers in place of an API server. Members that are absent are answered honestly. */
export type Hostility =
  | 'None'
  /** Nodes page after page, with new names each time. */
  | 'EndlessNodes'
  /** Each page of nodes continues as the one before. */
  | 'SameContinue'
  /** Pages with nothing in them, each of which continues. */
  | 'EmptyPages'
  /** Events page after page. */
  | 'EndlessEvents'
  /** A watch of nodes that adds names for ever. */
  | 'EndlessWatch'
  /** A watch of events that says the same again and again. */
  | 'EndlessChanges'
  /** Messages of a megabyte that expressions may be slow at. */
  | 'LongEvents'
  /** 120 MiB of nested lists. */
  | 'HugeAnswer'
  /** Just under 16 MiB of nested lists. */
  | 'DeepAnswer'
  /** The same, and the end of it never comes. */
  | 'HeldAnswer'
  /** Watches that begin a line of 2 MiB and never end it. */
  | 'HeldLine'
  /** Takes requests and says nothing. */
  | 'Silent'
  /** A byte a second. */
  | 'Drip'
  /** Answers of other types, one after the other. */
  | 'WrongTypes'
  | 'Year9999'
  | 'NoTimes'
  /** Nodes and Date of the year 9999 alike. */
  | 'WrongDate'
  /** Names that change what a screen shows. */
  | 'Escapes'
  | 'LongNames'
  /** Every pod is refused, by names that lead elsewhere. */
  | 'OddPods'
  /** Refuses with a Status whose message moves the cursor. */
  | 'RudeRefusal';

export interface HostileServer {
  readonly credentials: Credentials;
  /** Of a kubeconfig with these credentials, for a Secret. */
  readonly kubeconfig: string;
  /** Method and path with query of each request so far. */
  readonly asked: string[];
  /** How many endless watches the client has ended. */
  ended: number;
  /** May be changed at any time. */
  hostility: Hostility;
  stop(): Promise<void>;
}

/** What of wrong types is answered, in turn. */
export const WRONG_ANSWERS: readonly string[] = [
  'null',
  '5',
  '"nodes"',
  '[]',
  '{}',
  '{"metadata":null}',
  '{"metadata":{"resourceVersion":5}}',
  '{"metadata":{"resourceVersion":"1","continue":5},"columnDefinitions":[{"name":"Status"}]}',
  '{"metadata":{"resourceVersion":"1"},"items":null,"rows":null}',
  '{"metadata":{"resourceVersion":"1"},"items":5,"columnDefinitions":5,"rows":5}',
  '{"metadata":{"resourceVersion":"1"},"items":[null,5,"x",[]],"columnDefinitions":[null],"rows":[null]}',
  '{"metadata":{"resourceVersion":"1"},"columnDefinitions":[{"name":"Status"}],"rows":[null,5]}',
  '{"metadata":{"resourceVersion":"1"},"columnDefinitions":[{"name":"Status"}],"rows":[{"cells":null,"object":null}]}',
  '{"metadata":{"resourceVersion":"1"},"columnDefinitions":[{"name":"Status"}],"rows":[{"cells":[{}],"object":{"metadata":{"name":{},"uid":[],"creationTimestamp":{},"labels":5}}}]}',
  '{"__proto__":{"metadata":{"resourceVersion":"1"}},"constructor":{"prototype":{"polluted":1}}}',
  '{"metadata":{"__proto__":{"resourceVersion":"1"}},"items":[]}',
];

const COLUMNS = [{ name: 'Status' }];

/** Serves HTTPS on loopback with a certificate of its own authority. */
export async function startHostileServer(hostility: Hostility = 'None'): Promise<HostileServer> {
  const { certPem, keyPem, caPem } = await makeServingCertificate([], Date.now());
  const born = new Date(Date.now() - 3_600_000).toISOString();
  const asked: string[] = [];
  let answers = 0;

  const metadata = (name: string, creationTimestamp: unknown = born) => ({
    ...{ name, uid: `uid-${name}`, creationTimestamp },
    labels: { 'kubernetes.azure.com/agentpool': 'system' },
  });
  const row = (name: string, time?: unknown) => ({ cells: ['Ready'], object: { metadata: metadata(name, time) } });
  const event = (name: string, message: string, node = 'aks-system-1-vmss000000') => ({
    metadata: { name, creationTimestamp: new Date().toISOString(), resourceVersion: '2' },
    involvedObject: { kind: 'Node', name: node },
    ...{ type: 'Warning', reason: 'Drain', message, lastTimestamp: new Date().toISOString() },
  });

  function nodes(page: number) {
    const honest = [0, 1].map((number) => row(`aks-system-1-vmss00000${number}`));
    const table = (rows: readonly unknown[], next = '') => ({
      ...{ kind: 'Table', columnDefinitions: COLUMNS, rows },
      metadata: { resourceVersion: '1', continue: next },
    });
    switch (server.hostility) {
      case 'EndlessNodes':
        return table(
          Array.from({ length: 250 }, (_, number) => row(`n-${page}-${number}`)),
          `page ${page}`,
        );
      case 'SameContinue':
        return table(honest, 'same');
      case 'EmptyPages':
        return table([], `page ${page}`);
      case 'Year9999':
        return table([...honest, row('odd', '9999-12-31T23:59:59Z')]);
      case 'WrongDate':
        return table([row('odd', '9999-12-30T00:00:00Z')]);
      case 'NoTimes':
        return table([...honest, row('odd', ['garbage', null, 5, '', '2026-13-99T00:00:00Z'][page % 5])]);
      case 'Escapes':
        return table([...honest, row(['\u001b[31mred', 'a\u202eb', 'a\u009b31m', '../x', 'a b'][page % 5]!)]);
      case 'LongNames':
        return table([...honest, row('a'.repeat(300))]);
      default:
        return table(honest);
    }
  }

  function events(page: number) {
    const list = (items: readonly unknown[], next = '') => ({
      ...{ kind: 'EventList', items },
      metadata: { resourceVersion: '1', continue: next },
    });
    const refused = (pod: string) => `Eviction blocked by Too Many Requests (usually a pdb): ${pod}`;
    switch (server.hostility) {
      case 'EndlessEvents':
        return list(
          Array.from({ length: 250 }, (_, number) => event(`e-${page}-${number}`, refused(`p-${page}-${number}`))),
          `page ${page}`,
        );
      case 'LongEvents':
        return list(
          ['Deleting node ', 'Eviction blocked by Too many Requests ', 'a-', ' '].map((part, number) =>
            event(`e${number}`, part.repeat(2 ** 20 / part.length)),
          ),
        );
      case 'OddPods':
        return list(
          ['default/p0€', 'default/p 1', '../../secrets/x', 'default/p?x=1', '%2e%2e/x', '__proto__', '\u202ep'].map(
            (pod, number) => event(`e${number}`, refused(pod)),
          ),
        );
      default:
        return list([event('e', refused('web-1'))]);
    }
  }

  /** Lines for as long as they are taken. */
  async function endless(response: ServerResponse, lineOf: (number: number) => unknown): Promise<void> {
    response.flushHeaders();
    for (let number = 0; !response.closed && !response.destroyed; number++)
      if (!response.write(`${JSON.stringify(lineOf(number))}\n`))
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
    server.ended += 1;
  }

  function watch(path: string, response: ServerResponse): void {
    const node = (number: number) => {
      const object = { kind: 'Table', columnDefinitions: COLUMNS, metadata: { resourceVersion: '2' } };
      return { type: 'ADDED', object: { ...object, rows: [row(`w-${number}`)] } };
    };
    const draining = () => ({ type: 'MODIFIED', object: event('e', 'Draining node') });
    if (server.hostility === 'EndlessWatch' && path === '/api/v1/nodes') void endless(response, node);
    else if (server.hostility === 'EndlessChanges' && path !== '/api/v1/nodes') void endless(response, draining);
    else if (server.hostility === 'HeldLine') void huge(response, 1.9 * 2 ** 20, false);
    else response.flushHeaders();
  }

  async function huge(response: ServerResponse, bytes: number, end = true): Promise<void> {
    const part = '[[[[[],[]]]]],'.repeat(1000);
    response.write('{"x":[');
    for (let sent = 0; sent < bytes && !response.destroyed; sent += part.length)
      if (!response.write(part)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    if (end) response.end('[]]}');
  }

  function drip(response: ServerResponse): void {
    response.flushHeaders();
    const timer = setInterval(() => response.write(' '), 1000);
    response.on('close', () => clearInterval(timer));
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'https://target');
    asked.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json');
    if (server.hostility === 'WrongDate') response.setHeader('date', 'Fri, 31 Dec 9999 23:59:59 GMT');
    const say = (body: unknown) => response.end(JSON.stringify(body));
    answers += 1;
    switch (server.hostility) {
      case 'Silent':
        return;
      case 'Drip':
        return drip(response);
      case 'HugeAnswer':
        return void huge(response, 120 * 2 ** 20);
      case 'DeepAnswer':
        return void huge(response, 15.9 * 2 ** 20);
      case 'HeldAnswer':
        return void huge(response, 15.9 * 2 ** 20, false);
      case 'WrongTypes':
        return void response.end(WRONG_ANSWERS[answers % WRONG_ANSWERS.length]);
      case 'RudeRefusal': {
        response.statusCode = 403;
        const message = `\u001b[2J\u202eevil ${'x'.repeat(100_000)}`;
        return void say({ kind: 'Status', code: 403, reason: 'Forbidden', message });
      }
      default:
    }
    if (url.searchParams.has('watch')) return watch(url.pathname, response);
    if (url.pathname === '/api/v1/nodes') return void say(nodes(answers));
    if (url.pathname.endsWith('/events')) return void say(events(answers));
    return void say({ kind: 'List', metadata: { resourceVersion: '1' }, items: [] });
  }

  const https = createServer({ cert: certPem, key: keyPem }, answer);
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(https.address() as AddressInfo).port}`;
  const authority = Buffer.from(caPem).toString('base64');
  const server: HostileServer = {
    credentials: { server: url, caPem, token: 'token' },
    kubeconfig: JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': authority } }],
      users: [{ name: 'u', user: { token: 'token' } }],
    }),
    asked,
    ended: 0,
    hostility,
    stop: () =>
      new Promise((resolve) => {
        https.close(() => resolve());
        https.closeAllConnections();
      }),
  };
  return server;
}
