import { describe, expect, it } from '@jest/globals';
import { listCollection, type Collection } from '../../../src/kubernetes/untrusted/collection.ts';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';

const THINGS: Collection<string> = {
  path: '/things',
  query: { fieldSelector: 'a=b' },
  accept: 'application/json',
  noun: 'things',
  limit: 1000,
  reader: () => (body) => (body as { items: string[] }).items.map((name) => ({ name, value: name })),
};

interface Page {
  readonly items?: readonly string[];
  readonly metadata?: unknown;
}

/** Lists over a server that answers page by page. */
async function list(pageOf: (page: number, token: string | undefined) => Page, signal = new AbortController().signal) {
  let pages = 0;
  const connection: Pick<Connection, 'request'> = {
    async request({ query }) {
      pages += 1;
      return { items: [], ...pageOf(pages, query?.['continue']) };
    },
  };
  const result = await listCollection(connection as Connection, THINGS, signal).then(
    ({ objects, resourceVersion }) => ({ objects: [...objects.keys()], resourceVersion }),
    (error: Error) => error.message,
  );
  return { result, pages };
}

const metadata = (next?: unknown) => ({ resourceVersion: '7', ...(next === undefined ? {} : { continue: next }) });

describe('a list', () => {
  it('is read page by page until it ends', async () => {
    const { result } = await list((page, token) =>
      page === 1
        ? { items: ['a'], metadata: metadata('next') }
        : { items: [`b after ${token}`], metadata: metadata(page < 3 ? 'more' : '') },
    );
    expect(result).toEqual({ objects: ['a', 'b after next', 'b after more'], resourceVersion: '7' });
  });

  it.each<[string, (page: number) => Page, string, number]>([
    [
      'continues as the page before it',
      () => ({ metadata: metadata('same') }),
      'GET /things: the list does not end: page 2 continues as an earlier page did',
      2,
    ],
    [
      'goes round in a circle',
      (page) => ({ metadata: metadata(`page ${page % 3}`) }),
      'GET /things: the list does not end: page 4 continues as an earlier page did',
      4,
    ],
    [
      'never ends, with nothing in it',
      (page) => ({ metadata: metadata(`page ${page}`) }),
      'GET /things: the list does not end: 24 pages had arrived',
      24,
    ],
    [
      'never ends, with new objects each time',
      (page) => ({ items: Array.from({ length: 250 }, (_, n) => `${page}-${n}`), metadata: metadata(`page ${page}`) }),
      'GET /things: the list has more than 1000 things',
      5,
    ],
    [
      'has more in one page than may be',
      () => ({ items: Array.from({ length: 1001 }, (_, n) => `${n}`), metadata: metadata() }),
      'GET /things: the list has more than 1000 things',
      1,
    ],
    [
      'repeats one object for ever',
      (page) => ({ items: Array<string>(250).fill('a'), metadata: metadata(`page ${page}`) }),
      'GET /things: the list has more than 1000 things',
      5,
    ],
    [
      'continues with a number',
      () => ({ metadata: metadata(5) }),
      'GET /things: the list continues with a token that is no text',
      1,
    ],
    [
      'continues with a megabyte',
      () => ({ metadata: metadata('a'.repeat(2 ** 20)) }),
      'GET /things: the list continues with a token of 1048576 characters',
      1,
    ],
    ['has no version', () => ({ metadata: {} }), 'GET /things: the response is not a list', 1],
    ['has no metadata', () => ({ metadata: null }), 'GET /things: the response is not a list', 1],
  ])('that %s is named', async (_what, pageOf, message, pages) => {
    expect(await list(pageOf)).toEqual({ result: message, pages });
  });

  it('that is given up says how far it had arrived', async () => {
    const stop = new AbortController();
    const { result } = await list((page) => {
      if (page === 3) {
        stop.abort();
        throw new Error('aborted');
      }
      return { items: [`${page}`, `${page}b`], metadata: metadata(`page ${page}`) };
    }, stop.signal);
    expect(result).toBe('GET /things: 2 pages with 4 things had arrived');
  });
});
