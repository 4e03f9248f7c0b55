import { escapeForDisplay } from '../../api/display.ts';
import type { NodeResult } from './types.ts';

/** Longest part of a message from the network that is shown. */
const SHOWN = 512;

/**
 * A URL and its query: registries redirect nodes to storage URLs whose query has a signature, which grants access for a while. A
 * URL without a query is matched whole as well, so that no part is searched twice.
 */
const QUERY = /(https?:\/\/[^\s"?]*)(\?[^\s"]*)?/gi;

interface Rule {
  readonly matches: RegExp;
  readonly outcome: NodeResult['outcome'];
  readonly means: string;
}

/**
 * Failures before an answer of the registry; the first match decides. Texts are those of containerd and of Go's crypto/x509, net
 * and net/http, which the kubelet passes on (github.com/containerd/containerd, core/remotes/docker; go.dev/src/crypto/x509/verify.go).
 */
const BEFORE_AN_ANSWER: readonly Rule[] = [
  {
    matches: /x509: certificate signed by unknown authority/i,
    outcome: 'Untrusted',
    means: "the node does not trust the issuer of the registry's certificate",
  },
  // Go checks dates and names before it searches for a trusted signer.
  { matches: /\b(x509|tls): /i, outcome: 'Unclear', means: 'the TLS connection failed for another reason than trust' },
  // No answer came over TLS.
  {
    matches: /proxyconnect/i,
    outcome: 'Unclear',
    means: "the node's proxy was not reached, or refused the connection",
  },
  {
    matches: /no such host|server misbehaving|temporary failure in name resolution/i,
    outcome: 'Unclear',
    means: 'the node could not resolve the name of the registry',
  },
  { matches: /HTTP response to HTTPS client/i, outcome: 'Unclear', means: 'the registry does not speak TLS' },
  {
    matches: /i\/o timeout|handshake timeout|deadline exceeded|timeout awaiting|Client\.Timeout/i,
    outcome: 'Unclear',
    means: 'the registry did not answer in time',
  },
  {
    matches: /failed to do request|dial tcp|connection refused|connection reset|\bEOF\b/i,
    outcome: 'Unclear',
    means: 'the registry could not be reached',
  },
];

/** Start of containerd's report of a registry's answer. The registry chooses the text after it. */
const ANSWER = /unexpected status (?:code|from [A-Z]+ request to) \S+: [1-5]\d\d\b|server message: /i;
const ANSWERED: Rule = {
  matches:
    /unexpected status|: not found|manifest unknown|name unknown|unauthorized|authorization failed|toomanyrequests|pull access denied|\b(401|403|404|429|50\d) /i,
  outcome: 'Trusted',
  means: 'the registry refused the pull, over a connection that the node trusts',
};

function withoutQueries(text: string): string {
  return text.replace(QUERY, (_, url: string, query: string | undefined) => (query === undefined ? url : `${url}?…`));
}

/** Judges why a pull failed. An answer of the registry proves trust as a pull does, because TLS comes before it. */
export function judgePullFailure(error: string): NodeResult {
  const answer = ANSWER.exec(error);
  const before = answer ? error.slice(0, answer.index) : error;
  const rule =
    BEFORE_AN_ANSWER.find(({ matches }) => matches.test(before)) ??
    (ANSWERED.matches.test(error) ? ANSWERED : undefined);
  const shown = escapeForDisplay(error === '' ? 'no message' : withoutQueries(error), SHOWN);
  if (!rule) return { outcome: 'Unclear', message: `the pull failed: ${shown}` };
  return { outcome: rule.outcome, message: `${rule.means}: ${shown}` };
}
