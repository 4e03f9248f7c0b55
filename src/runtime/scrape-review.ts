import { createHash } from 'node:crypto';
import type { V1SubjectAccessReview, V1TokenReview, V1UserInfo } from '@kubernetes/client-node';
import type { Connection } from '../kubernetes/client/connection.ts';
import type { Logger } from './logging.ts';

/** The verdict about a bearer token: whether it may read metrics, whether it is valid, or no answer of the API server. */
export type Verdict = 'Allowed' | 'Forbidden' | 'Unauthenticated' | 'Unanswered';

export interface ScrapeReviewOptions {
  /**
   * Connection to the API server that issues the tokens and grants the right; a separate one, so that no other request waits for
   * a scraper.
   */
  readonly connection: Connection;
  readonly logger: Logger;
  /** Monotonic milliseconds; default `performance.now`. */
  readonly elapsed?: () => number;
}

/** Time for which a verdict is cached, in ms: a revoked right ends within a minute. */
const BELIEVED_MS = { Allowed: 60_000, Forbidden: 10_000, Unauthenticated: 10_000 };
/** Most cached verdicts of each kind: a client with many invalid tokens displaces no valid one. */
const KEPT = 256;
/** Most tokens that the API server reviews at a time; further requests are refused. */
const ASKED_AT_A_TIME = 8;
const ANSWER_MS = 10_000;

/** RFC 6750, 2.1; longer tokens do not fit into an accepted header. */
const TOKEN = /^Bearer +([\w.~+/-]+=*)$/i;
/** A JSON Web Token (RFC 7519), which the API server issues to service accounts. No other token is reviewed. */
const JSON_WEB_TOKEN = /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/;

/** The token of an Authorization header; undefined without one of a valid form. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return TOKEN.exec(authorization ?? '')?.[1];
}

/**
 * Asks the API server for the user of a token (TokenReview) and whether that user may `get` the path `/metrics`
 * (SubjectAccessReview), as controller-runtime's filter does (pkg/metrics/filters). A token that cannot be reviewed is refused.
 * Tokens are kept as digests only.
 */
export function createScrapeReview(options: ScrapeReviewOptions): (token: string) => Promise<Verdict> {
  const { connection, logger, elapsed = () => performance.now() } = options;
  /** Expiry by digest of a token; of each verdict the oldest first. */
  const believed: Readonly<Record<Known, Map<string, number>>> = {
    Allowed: new Map(),
    Forbidden: new Map(),
    Unauthenticated: new Map(),
  };
  const asking = new Map<string, Promise<Verdict>>();
  let complainedAt = -Infinity;

  function known(digest: string): Verdict | undefined {
    return VERDICTS.find((verdict) => (believed[verdict].get(digest) ?? -Infinity) > elapsed());
  }

  function keep(digest: string, verdict: Known): void {
    const map = believed[verdict];
    map.delete(digest);
    map.set(digest, elapsed() + BELIEVED_MS[verdict]);
    const [oldest] = map.keys();
    if (map.size > KEPT && oldest !== undefined) map.delete(oldest);
  }

  async function ask(token: string, digest: string): Promise<Verdict> {
    try {
      const user = await userOf(connection, token);
      const verdict =
        user === undefined ? 'Unauthenticated' : (await mayScrape(connection, user)) ? 'Allowed' : 'Forbidden';
      keep(digest, verdict);
      return verdict;
    } catch (error) {
      // A scraper sends a request every few seconds; other clients may send more.
      if (elapsed() - complainedAt >= 60_000) {
        complainedAt = elapsed();
        logger.warn({ err: error }, 'A scrape was refused because the API server could not review its token.');
      }
      return 'Unanswered';
    } finally {
      asking.delete(digest);
    }
  }

  return async (token) => {
    if (!JSON_WEB_TOKEN.test(token)) return 'Unauthenticated';
    const digest = createHash('sha256').update(token).digest('base64');
    const verdict = known(digest);
    if (verdict !== undefined) return verdict;
    const already = asking.get(digest);
    if (already !== undefined) return already;
    if (asking.size >= ASKED_AT_A_TIME) return 'Unanswered';
    const asked = ask(token, digest);
    asking.set(digest, asked);
    return asked;
  };
}

type Known = Exclude<Verdict, 'Unanswered'>;
const VERDICTS = Object.keys(BELIEVED_MS) as Known[];

async function userOf(connection: Connection, token: string): Promise<V1UserInfo | undefined> {
  const { status } = (await connection.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/tokenreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    timeoutMs: ANSWER_MS,
  })) as V1TokenReview;
  return status?.authenticated === true ? status.user : undefined;
}

async function mayScrape(connection: Connection, user: V1UserInfo): Promise<boolean> {
  const { username, ...rest } = user;
  const { status } = (await connection.request({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { ...rest, user: username, nonResourceAttributes: { path: '/metrics', verb: 'get' } },
    },
    timeoutMs: ANSWER_MS,
  })) as V1SubjectAccessReview;
  return status?.allowed === true;
}
