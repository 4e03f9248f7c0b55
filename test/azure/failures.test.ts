import { describe, expect, it } from '@jest/globals';
import { classifyFailure, FAILURES, readErrorBody, type ArmAnswer } from '../../src/azure/failures.ts';
import { ANSWERS, type AnswerRow } from './arm-answers.ts';

const callOf = (row: AnswerRow) => row.call ?? 'PutManagedCluster';

function answerOf({ status, code, message, retryAfterMs }: AnswerRow): ArmAnswer {
  return { status, code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** The row of FAILURES that decides, found the way classifyFailure finds it. */
function rowFor(row: AnswerRow): string | undefined {
  const answer = answerOf(row);
  return FAILURES.find(({ matches }) => matches(answer, answer.code.toLowerCase(), callOf(row)))?.name;
}

describe('what becomes of an answer of ARM', () => {
  it.each(ANSWERS)('$what: $reason', (row) => {
    const failure = classifyFailure(answerOf(row), callOf(row));
    expect(failure).toMatchObject({
      ...answerOf(row),
      reason: row.reason,
      stalled: row.stalled ?? false,
      backoff: { fromMs: row.backoff[0], toMs: row.backoff[1] },
      refused: row.ambiguous !== true,
    });
    expect(failure.quiet).toBe(row.quiet);
    for (const words of row.mend ?? []) expect(failure.mend).toContain(words);
    expect(failure.mend === '').toBe(row.mend === undefined);
  });

  it.each(ANSWERS)('$what: the same in any spelling of the code', (row) => {
    const expected = classifyFailure(answerOf(row), callOf(row));
    for (const code of [row.code.toUpperCase(), row.code.toLowerCase()]) {
      expect(classifyFailure({ ...answerOf(row), code }, callOf(row))).toEqual({ ...expected, code });
    }
  });

  it.each(ANSWERS)('$what: decided by the row meant for it', (row) => {
    expect(rowFor(row)).toBe(row.row);
  });

  it('has an example here for every row of the table', () => {
    const seen = new Set(ANSWERS.map(rowFor));
    expect(FAILURES.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
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

  it('keeps the Retry-After of an answer that is not about throttling', () => {
    const answer = { status: 409, code: 'Conflict', message: 'x', retryAfterMs: 7000 };
    expect(classifyFailure(answer, 'PutManagedCluster').retryAfterMs).toBe(7000);
  });
});

describe('the body of an error', () => {
  it.each(ANSWERS.filter(({ code }) => !code.startsWith('HTTP')))('$what: read wrapped and bare', (row) => {
    const { code, message, status } = row;
    const more = { details: [{ code: 'Unspecified', message: 'rpc error' }], subcode: 'Put_Failed' };
    for (const body of [
      { error: { code, message } },
      { error: { code, message, ...more } },
      { code, message, ...more },
    ])
      expect(readErrorBody(status, JSON.stringify(body))).toEqual({ code, message });
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
