import { describe, expect, it } from '@jest/globals';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';
import { listPages, type ListOptions } from '../../../src/kubernetes/client/list.ts';

interface Page {
  readonly items?: number;
  readonly next?: unknown;
}

/** Lists all over a server that answers page by page. */
async function list(pageOf: (page: number) => Page, options: ListOptions = {}) {
  const limits: string[] = [];
  const connection: Pick<Connection, 'request'> = {
    async request({ query }) {
      limits.push(query?.['limit'] ?? '');
      const { items = 0, next } = pageOf(limits.length);
      const objects = Array.from({ length: items }, (_, number) => ({ metadata: { name: `${number}` } }));
      return { kind: 'ThingList', metadata: { resourceVersion: '7', continue: next }, items: objects };
    },
  };
  let count = 0;
  try {
    for await (const { items } of listPages(connection as Connection, '/things', options)) count += items.length;
    return { count, pages: limits.length };
  } catch (error) {
    return { error: (error as Error).message, pages: limits.length };
  }
}

describe('a list of our own API server', () => {
  it('is read to its end', async () => {
    expect(await list((page) => ({ items: 500, next: page < 3 ? `page ${page}` : '' }))).toEqual({
      count: 1500,
      pages: 3,
    });
    expect(await list(() => ({ items: 2 }))).toEqual({ count: 2, pages: 1 });
  });

  it('may have null for no objects, as an empty list of metadata has, but not nothing at all', async () => {
    const read = async (answer: object) => {
      const connection: Pick<Connection, 'request'> = {
        request: async () => ({ metadata: { resourceVersion: '7' }, ...answer }),
      };
      const pages = [];
      for await (const page of listPages(connection as Connection, '/things')) pages.push(page);
      return pages;
    };
    expect(await read({ items: null })).toEqual([{ items: [], resourceVersion: '7', first: true }]);
    await expect(read({})).rejects.toThrow('GET /things: the answer is not a list');
  });

  it.each<[string, (page: number) => Page, ListOptions, string, number]>([
    [
      'continues as the page before it',
      () => ({ next: 'same' }),
      {},
      'GET /things: the list does not end: page 2 continues as an earlier page did',
      2,
    ],
    [
      'goes round in a circle',
      (page) => ({ next: `page ${page % 3}` }),
      {},
      'GET /things: the list does not end: page 4 continues as an earlier page did',
      4,
    ],
    [
      'never ends, with nothing in it',
      (page) => ({ next: `page ${page}` }),
      { maxObjects: 1000, limit: 100 },
      'GET /things: the list does not end: 110 pages had arrived',
      110,
    ],
    [
      'never ends, with more objects each time',
      (page) => ({ items: 500, next: `page ${page}` }),
      { maxObjects: 1200 },
      'GET /things: the list has more than 1200 objects',
      3,
    ],
    [
      'continues with an object',
      () => ({ next: {} }),
      {},
      'GET /things: the list continues with a token that is no text',
      1,
    ],
    [
      'takes too long',
      (page) => ({ items: 1, next: `page ${page}` }),
      { maxMs: 0 },
      'GET /things: the list did not end within 0 seconds: 1 objects had arrived',
      1,
    ],
  ])('that %s is named', async (_what, pageOf, options, error, pages) => {
    expect(await list(pageOf, options)).toEqual({ error, pages });
  });
});
