import { beforeEach, describe, expect, it } from '@jest/globals';
import { KubernetesError, type Connection, type KubernetesRequest } from '../../src/kubernetes/connection.ts';
import { silentLogger, type Logger } from '../../src/runtime/logging.ts';
import { bearerOf, createScrapeReview } from '../../src/runtime/scrape-review.ts';

describe('an Authorization header', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer eyJ.a-b_c~d+/e.f==', 'eyJ.a-b_c~d+/e.f=='],
    ['BEARER  two-blanks', 'two-blanks'],
  ])('%j holds a token', (header, token) => {
    expect(bearerOf(header)).toBe(token);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic dXNlcjpwYXNz',
    'abc',
    'Bearer a b',
    'Bearer a=b',
    'Bearer "a"',
    'Bearer a\tb',
    'Bearer é',
  ])('%j holds none', (header) => {
    expect(bearerOf(header)).toBeUndefined();
  });
});

describe('the review of a token', () => {
  /** Token → its user. */
  let users: Map<string, string>;
  let allowed: Set<string>;
  let failure: Error | undefined;
  let gate: Promise<void> | undefined;
  let asked: string[];
  let bodies: unknown[];
  let elapsed: number;
  let said: string[];
  let review: ReturnType<typeof createScrapeReview>;

  beforeEach(() => {
    users = new Map([
      ['good', 'prometheus'],
      ['poor', 'nobody'],
    ]);
    allowed = new Set(['prometheus']);
    failure = undefined;
    gate = undefined;
    asked = [];
    bodies = [];
    elapsed = 0;
    said = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (_fields: object, message?: string) => void said.push(message ?? ''),
    };
    review = createScrapeReview({ connection, logger, elapsed: () => elapsed });
  });

  const connection: Connection = {
    server: 'https://api',
    async request({ path, body }: KubernetesRequest) {
      const kind = path.split('/').at(-1) ?? '';
      asked.push(kind);
      bodies.push(body);
      await gate;
      if (failure) throw failure;
      const { spec } = body as { spec: { token: string; user: string } };
      if (kind === 'subjectaccessreviews') return { status: { allowed: allowed.has(spec.user) } };
      const username = users.get(spec.token);
      const user = { username, uid: 'u-1', groups: ['system:authenticated'], extra: { 'a/b': ['c'] } };
      return {
        status: username === undefined ? { authenticated: false, error: 'expired' } : { authenticated: true, user },
      };
    },
    stream: () => Promise.reject(new Error('not used')),
    close: () => Promise.resolve(),
  };

  it('asks whose it is, and then whether that user, with all that is known of it, may get /metrics', async () => {
    expect(await review('good')).toBe('Allowed');
    expect(bodies).toEqual([
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'good' } },
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: 'prometheus',
          uid: 'u-1',
          groups: ['system:authenticated'],
          extra: { 'a/b': ['c'] },
          nonResourceAttributes: { path: '/metrics', verb: 'get' },
        },
      },
    ]);
  });

  it('tells a bad token from a good one without the right, of which only the good one costs a second question', async () => {
    expect([await review('bad'), await review('poor')]).toEqual(['Unauthenticated', 'Forbidden']);
    expect(asked).toEqual(['tokenreviews', 'tokenreviews', 'subjectaccessreviews']);
  });

  it('believes a yes for a minute and a no for ten seconds', async () => {
    for (const token of ['good', 'poor', 'bad']) await review(token);
    const before = asked.length;
    elapsed = 9999;
    for (const token of ['good', 'poor', 'bad']) await review(token);
    expect(asked).toHaveLength(before);
    users.set('bad', 'prometheus');
    allowed.add('nobody');
    elapsed = 10_000;
    expect([await review('poor'), await review('bad')]).toEqual(['Allowed', 'Allowed']);
    elapsed = 59_999;
    users.clear();
    expect(await review('good')).toBe('Allowed');
    elapsed = 60_000;
    expect(await review('good')).toBe('Unauthenticated');
  });

  it('lets nobody in when the API server cannot be asked, believes that for no moment, and says so once a minute', async () => {
    failure = new KubernetesError(0, 'ECONNREFUSED', 'refused');
    for (let time = 0; time < 5; time++) expect(await review('good')).toBe('Unanswered');
    expect(said).toHaveLength(1);
    elapsed = 60_000;
    await review('good');
    expect(said).toHaveLength(2);
    failure = undefined;
    expect(await review('good')).toBe('Allowed');
  });

  it.each([
    undefined,
    {},
    { status: {} },
    { status: { authenticated: 'true' } },
    { status: { authenticated: true } },
    'yes',
  ])('lets nobody in on the answer %j', async (answer) => {
    const odd = { ...connection, request: () => Promise.resolve(answer) };
    expect(await createScrapeReview({ connection: odd, logger: silentLogger })('good')).not.toBe('Allowed');
  });

  it('asks once for all who come with one token at a time', async () => {
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    const verdicts = [review('good'), review('good'), review('good')];
    open.resolve();
    expect(await Promise.all(verdicts)).toEqual(['Allowed', 'Allowed', 'Allowed']);
    expect(asked).toEqual(['tokenreviews', 'subjectaccessreviews']);
  });

  it('turns away whoever comes with many tokens at a time instead of passing all on', async () => {
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    const verdicts = Array.from({ length: 100 }, (_, n) => review(`guess-${n}`));
    open.resolve();
    const answers = await Promise.all(verdicts);
    expect(answers.filter((answer) => answer === 'Unauthenticated')).toHaveLength(8);
    expect(answers.filter((answer) => answer === 'Unanswered')).toHaveLength(92);
    expect(asked).toHaveLength(8);
    expect(await review('good')).toBe('Allowed');
  });

  it('forgets no good token for any number of bad ones', async () => {
    await review('good');
    for (let n = 0; n < 5000; n++) await review(`guess-${n}`);
    const before = asked.length;
    expect(await review('good')).toBe('Allowed');
    expect(asked).toHaveLength(before);
    // Of the bad ones only the last few hundred are known.
    await review('guess-4999');
    expect(asked).toHaveLength(before);
    await review('guess-0');
    expect(asked).toHaveLength(before + 1);
  });
});
