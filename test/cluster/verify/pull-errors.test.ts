import { describe, expect, it } from '@jest/globals';
import { judgePullFailure } from '../../../src/cluster/verify/pull-errors.ts';
import { fastest } from '../../fastest.ts';

/** As containerd words it. */
const failed = (cause: string) =>
  `failed to pull and unpack image "images.example.com/app:1": failed to resolve reference "images.example.com/app:1": ${cause}`;
const head = 'failed to do request: Head "https://images.example.com/v2/app/manifests/1"';

describe('why a pull failed', () => {
  it.each([
    [
      'a signer that is not trusted',
      failed(`${head}: tls: failed to verify certificate: x509: certificate signed by unknown authority`),
      'Untrusted',
    ],
    [
      'the same of the server that gives tokens',
      failed(
        'failed to authorize: failed to fetch oauth token: Post "https://auth.corp/token": x509: certificate signed by unknown authority',
      ),
      'Untrusted',
    ],
    [
      'the same in the words of a back-off',
      `Back-off pulling image "images.example.com/app:1": ErrImagePull: ${failed(`${head}: x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure")`)}`,
      'Untrusted',
    ],
    [
      'a certificate that expired, which Go finds before it looks for a signer',
      failed(`${head}: tls: failed to verify certificate: x509: certificate has expired or is not yet valid`),
      'Unclear',
    ],
    [
      'a certificate of another name',
      failed(`${head}: x509: certificate is valid for other.corp, not images.example.com`),
      'Unclear',
    ],
    ['a name that does not resolve', failed(`${head}: dial tcp: lookup images.example.com: no such host`), 'Unclear'],
    [
      'a name of which DNS says "not found"',
      failed(`${head}: dial tcp: lookup images.example.com on 10.0.0.10:53: server misbehaving: not found`),
      'Unclear',
    ],
    ['no route', failed(`${head}: dial tcp 10.0.0.9:443: i/o timeout`), 'Unclear'],
    ['a proxy that says no', failed(`${head}: proxyconnect tcp: dial tcp: connection refused`), 'Unclear'],
    ['a proxy that says 403', failed(`${head}: Forbidden`), 'Unclear'],
    ['a registry without TLS', failed(`${head}: http: server gave HTTP response to HTTPS client`), 'Unclear'],
    ['no such image', failed('images.example.com/app:1: not found'), 'Trusted'],
    [
      'no credentials',
      failed(
        'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      ),
      'Trusted',
    ],
    [
      'wrong credentials',
      failed('unexpected status from HEAD request to https://images.example.com/v2/app/manifests/1: 401 Unauthorized'),
      'Trusted',
    ],
    [
      'a registry that is ill',
      failed(
        'unexpected status from HEAD request to https://images.example.com/v2/app/manifests/1: 503 Service Unavailable',
      ),
      'Trusted',
    ],
    [
      'a registry that answers with what others say of it',
      failed(
        'unexpected status from GET request to https://images.example.com/v2/app/manifests/1: 403 Forbidden\nx509: certificate signed by unknown authority',
      ),
      'Trusted',
    ],
    [
      'one that says so where it asks for a token',
      failed(
        'pull access denied, repository does not exist or may require authorization: server message: x509: certificate signed by unknown authority',
      ),
      'Trusted',
    ],
    [
      'a signer that calls itself like an answer',
      failed(
        `${head}: x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "unexpected status from HEAD request to https://images.example.com: 404 Not Found")`,
      ),
      'Untrusted',
    ],
    [
      'a server that is named like an answer',
      failed(
        `${head}: x509: certificate is valid for unexpected status from HEAD request to https://x: 404 Not Found, not images.example.com`,
      ),
      'Unclear',
    ],
    [
      'a proxy that refuses in the words of a registry',
      failed(`${head}: unexpected status from HEAD request to https://images.example.com: 404 Not Found`),
      'Unclear',
    ],
    ['too many pulls', failed('toomanyrequests: You have reached your pull rate limit'), 'Trusted'],
    ['no room on the disk', failed('failed to extract layer: no space left on device'), 'Unclear'],
    ['words that nobody knows', 'something else', 'Unclear'],
    ['no words', '', 'Unclear'],
  ])('%s', (_, said, outcome) => {
    expect(judgePullFailure(said).outcome).toBe(outcome);
  });

  it.each([
    ['the name', `${head}: dial tcp: lookup images.example.com on 10.0.0.10:53: no such host`, 'resolve the name'],
    ['the time', `${head}: dial tcp 10.0.0.9:443: i/o timeout`, 'did not answer in time'],
    ['the route', `${head}: dial tcp 10.0.0.9:443: connect: connection refused`, 'could not be reached'],
    ['the proxy', `${head}: proxyconnect tcp: dial tcp 10.0.0.1:3128: connection refused`, "the node's proxy"],
    ['TLS', `${head}: http: server gave HTTP response to HTTPS client`, 'does not speak TLS'],
    ['the certificate', `${head}: x509: certificate has expired or is not yet valid`, 'another reason than trust'],
  ])('is said of %s', (_, said, means) => {
    expect(judgePullFailure(failed(said)).message).toContain(means);
  });

  it('is not found in the name of an image', () => {
    const said =
      'failed to resolve reference "images.example.com/tls:1": unexpected status from HEAD request to https://images.example.com/v2/x509:/1: 404 Not Found';
    expect(judgePullFailure(said).outcome).toBe('Trusted');
  });

  it('is shown without the signatures of URLs', () => {
    const url = 'https://blob.corp/layer?sv=1&sig=SECRET';
    const { message } = judgePullFailure(`failed to do request: Get "${url}": EOF, then ${url}`);
    expect(message).not.toContain('SECRET');
    expect(message).toContain('Get "https://blob.corp/layer?');
  });

  it('is shown without what could move a cursor, and cut', () => {
    const { message } = judgePullFailure(`\u001b[2Jsorry\u202e ${'x'.repeat(9000)}`);
    expect(message).toContain('\\u{1b}[2Jsorry\\u{202e}');
    expect(message.length).toBeLessThan(600);
  });

  it('is judged in a time that grows with its length, whatever it is made of', () => {
    for (const piece of ['https://', 'https://a?', 'x509: ', 'unexpected status from GET request to ', '"', '? ']) {
      const text = piece.repeat(200_000 / piece.length);
      const once = fastest(() => judgePullFailure(text), 3);
      expect(fastest(() => judgePullFailure(text + text), 3)).toBeLessThan(3 * once + 20);
    }
  });
});
