import { beforeEach, describe, expect, it } from '@jest/globals';
import { KubernetesError, type Connection, type KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
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

/** What the API server might have given out. */
const jwt = (name: string) => `eyJhbGciOiJSUzI1NiJ9.eyJzdWIi${name}.signature`;

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
      [jwt('good'), 'prometheus'],
      [jwt('poor'), 'stranger'],
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
    expect(await review(jwt('good'))).toBe('Allowed');
    expect(bodies).toEqual([
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: jwt('good') } },
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
    expect([await review(jwt('bad')), await review(jwt('poor'))]).toEqual(['Unauthenticated', 'Forbidden']);
    expect(asked).toEqual(['tokenreviews', 'tokenreviews', 'subjectaccessreviews']);
  });

  it('believes a yes for a minute and a no for ten seconds', async () => {
    for (const token of ['good', 'poor', 'bad']) await review(jwt(token));
    const before = asked.length;
    elapsed = 9999;
    for (const token of ['good', 'poor', 'bad']) await review(jwt(token));
    expect(asked).toHaveLength(before);
    users.set(jwt('bad'), 'prometheus');
    allowed.add('stranger');
    elapsed = 10_000;
    expect([await review(jwt('poor')), await review(jwt('bad'))]).toEqual(['Allowed', 'Allowed']);
    elapsed = 59_999;
    users.clear();
    expect(await review(jwt('good'))).toBe('Allowed');
    elapsed = 60_000;
    expect(await review(jwt('good'))).toBe('Unauthenticated');
  });

  it('serves no request when the API server cannot be asked, does not remember that, and says so once a minute', async () => {
    failure = new KubernetesError(0, 'ECONNREFUSED', 'refused');
    for (let time = 0; time < 5; time++) expect(await review(jwt('good'))).toBe('Unanswered');
    expect(said).toHaveLength(1);
    elapsed = 60_000;
    await review(jwt('good'));
    expect(said).toHaveLength(2);
    failure = undefined;
    expect(await review(jwt('good'))).toBe('Allowed');
  });

  it.each([
    undefined,
    {},
    { status: {} },
    { status: { authenticated: 'true' } },
    { status: { authenticated: true } },
    'yes',
  ])('serves no request on the answer %j', async (answer) => {
    const odd = { ...connection, request: () => Promise.resolve(answer) };
    expect(await createScrapeReview({ connection: odd, logger: silentLogger })(jwt('good'))).not.toBe('Allowed');
  });

  it.each(['opaque', 'a.b.c', 'eyJh.eyJz', 'eyJh.eyJz.', 'Basic', `${jwt('good')}.more`])(
    'does not ask about a text that is no JSON Web Token: %s',
    async (token) => {
      users.set(token, 'prometheus');
      expect(await review(token)).toBe('Unauthenticated');
      expect(asked).toEqual([]);
    },
  );

  it('asks once for all who come with one token at a time', async () => {
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    const verdicts = [review(jwt('good')), review(jwt('good')), review(jwt('good'))];
    open.resolve();
    expect(await Promise.all(verdicts)).toEqual(['Allowed', 'Allowed', 'Allowed']);
    expect(asked).toEqual(['tokenreviews', 'subjectaccessreviews']);
  });

  it('turns a client with many tokens at a time away instead of passing all on', async () => {
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    const verdicts = Array.from({ length: 100 }, (_, n) => review(jwt(`guess-${n}`)));
    open.resolve();
    const answers = await Promise.all(verdicts);
    expect(answers.filter((answer) => answer === 'Unauthenticated')).toHaveLength(8);
    expect(answers.filter((answer) => answer === 'Unanswered')).toHaveLength(92);
    expect(asked).toHaveLength(8);
    expect(await review(jwt('good'))).toBe('Allowed');
  });

  it('forgets no good token for any number of bad ones', async () => {
    await review(jwt('good'));
    for (let n = 0; n < 5000; n++) await review(jwt(`guess-${n}`));
    const before = asked.length;
    expect(await review(jwt('good'))).toBe('Allowed');
    expect(asked).toHaveLength(before);
    // Of the bad ones only the last few hundred are known.
    await review(jwt('guess-4999'));
    expect(asked).toHaveLength(before);
    await review(jwt('guess-0'));
    expect(asked).toHaveLength(before + 1);
  });
});
