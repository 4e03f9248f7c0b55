import { escapeForDisplay } from '../../api/display.ts';
import type { NodeResult } from './types.ts';

/** Longest part of a message from the network that is shown. */
const SHOWN = 512;

/**
 * A URL and its query: registries send nodes to storage with signatures in it, which are as good as a password for a while. One
 * without a query is matched whole as well, so that no part is searched twice.
 */
const QUERY = /(https?:\/\/[^\s"?]*)(\?[^\s"]*)?/gi;

interface Rule {
  readonly matches: RegExp;
  readonly outcome: NodeResult['outcome'];
  readonly means: string;
}

/**
 * What the first that matches proves. Texts are those of containerd and of Go's crypto/x509, net and net/http, as the kubelet
 * hands them on (github.com/containerd/containerd, core/remotes/docker; go.dev/src/crypto/x509/verify.go).
 */
const BEFORE_AN_ANSWER: readonly Rule[] = [
  {
    matches: /x509: certificate signed by unknown authority/i,
    outcome: 'Untrusted',
    means: 'the node does not trust who signed the certificate of the registry',
  },
  // Go looks at dates and names before it looks for a trusted signer.
  { matches: /\b(x509|tls): /i, outcome: 'Unclear', means: 'the TLS connection failed for another reason than trust' },
  // No answer came over TLS.
  {
    matches: /proxyconnect/i,
    outcome: 'Unclear',
    means: 'the proxy of the node was not reached, or did not let it through',
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

/** How containerd begins to tell what a registry answered. What comes after it is the registry's to choose. */
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

/** Judges why a pull failed. An answer of the registry proves trust as well as a pull does: TLS comes before it. */
export function judgePullFailure(said: string): NodeResult {
  const answer = ANSWER.exec(said);
  const before = answer ? said.slice(0, answer.index) : said;
  const rule =
    BEFORE_AN_ANSWER.find(({ matches }) => matches.test(before)) ??
    (ANSWERED.matches.test(said) ? ANSWERED : undefined);
  const shown = escapeForDisplay(said === '' ? 'no message' : withoutQueries(said), SHOWN);
  if (!rule) return { outcome: 'Unclear', message: `the pull failed: ${shown}` };
  return { outcome: rule.outcome, message: `${rule.means}: ${shown}` };
}
