import { describe, expect, it } from '@jest/globals';
import { validityWarnings } from '../../../src/certificates/x509/validity.ts';

const dates = { notBefore: '2025-01-01T00:00:00Z', notAfter: '2035-01-01T00:00:00Z' };

describe('a certificate', () => {
  it.each([
    ['a second before it begins', '2024-12-31T23:59:59Z', ['NotYetValid']],
    ['when it begins', dates.notBefore, []],
    ['between its dates', '2030-06-01T12:00:00Z', []],
    ['when it ends', dates.notAfter, []],
    ['a second after it ends', '2035-01-01T00:00:01Z', ['Expired']],
  ])('%s has the warnings %j', (_, now, warnings) => {
    expect(validityWarnings(dates, Date.parse(now))).toEqual(warnings);
  });
});
