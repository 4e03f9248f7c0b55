import { escapeForDisplay } from '../../api/display.ts';
import type { NodeResult } from './verification.ts';

/** Longest part of a message from the network that is shown. */
const SHOWN = 512;

/** The query of a URL: registries send nodes to storage with signatures in it, which are as good as a password for a while. */
const SIGNED = /(https?:\/\/[^\s"?]*)\?[^\s"]*/gi;

/**
 * What the first rule that matches proves. Texts are those of containerd and of Go's crypto/x509 and net/http, as the kubelet
 * hands them on (github.com/containerd/containerd, core/remotes/docker; go.dev/src/crypto/x509/verify.go).
 */
const RULES: readonly { readonly matches: RegExp; readonly outcome: NodeResult['outcome']; readonly means: string }[] =
  [
    {
      matches: /x509: certificate signed by unknown authority/i,
      outcome: 'Untrusted',
      means: 'the node does not trust who signed the certificate of the registry',
    },
    // Go looks at dates and names before it looks for a trusted signer.
    {
      matches: /\b(x509|tls): /i,
      outcome: 'Unclear',
      means: 'the TLS connection failed for another reason than trust',
    },
    // No answer came over TLS: names, routes, proxies, registries that speak plain HTTP.
    {
      matches:
        /failed to do request|dial tcp|no such host|connection refused|connection reset|i\/o timeout|handshake timeout|deadline exceeded|proxyconnect|HTTP response to HTTPS client|\bEOF\b/i,
      outcome: 'Unclear',
      means: 'the registry could not be reached',
    },
    {
      matches:
        /unexpected status|: not found|manifest unknown|name unknown|unauthorized|authorization failed|pull access denied|\b(401|403|404|429|50\d) /i,
      outcome: 'Trusted',
      means: 'the registry refused the pull, over a connection that the node trusts',
    },
  ];

/** Judges why a pull failed. An answer of the registry proves trust as well as a pull does: TLS comes before it. */
export function judgePullFailure(said: string): NodeResult {
  const rule = RULES.find(({ matches }) => matches.test(said));
  const shown = escapeForDisplay(said === '' ? 'no message' : said.replace(SIGNED, '$1?…'), SHOWN);
  if (!rule) return { outcome: 'Unclear', message: `the pull failed: ${shown}` };
  return { outcome: rule.outcome, message: `${rule.means}: ${shown}` };
}
