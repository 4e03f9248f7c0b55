import { readErrorBody } from '../../src/azure/error-body.ts';
import { corpusError } from '../corpus.ts';
import { describe, expect, it } from '@jest/globals';
import { causeOf } from '../../src/cluster/causes.ts';

const mend = (code: string, message = 'it failed') => causeOf({ code, message })?.mend ?? '';

describe('why AKS gave an operation up', () => {
  it.each([
    ['PodDrainFailure', /PodDisruptionBudget/],
    ['UnsatisfiablePDB', /PodDisruptionBudget/],
    ['QuotaExceeded', /quota/],
    ['ErrCode_InsufficientVCPUQuota', /quota/],
    ['SubnetIsFull', /subnet/],
    ['AllocationFailed', /machines of the size/],
    ['ZonalAllocationFailed', /machines of the size/],
    ['OverconstrainedAllocationRequest', /machines of the size/],
    ['SkuNotAvailable', /machines of the size/],
    ['InternalOperationError', /^$/],
  ])('is mended by its code (%s)', (code, expected) => {
    expect(mend(code)).toMatch(expected);
  });

  it.each([
    ['Drain node x failed: blocked by pdb web.', /PodDisruptionBudget/],
    ['exceeding approved Cores quota', /quota/],
    ['the subnet has no addresses', /subnet/],
    ['Allocation failed. We do not have sufficient capacity', /machines of the size/],
  ])('is mended by what it says, where the code tells nothing (%s)', (message, expected) => {
    expect(mend('Failed', message)).toMatch(expected);
  });

  it('goes by the code first: names of other things may be in what it says', () => {
    expect(mend('SubnetIsFull', 'Subnet quota-tests with prefix 10.0.0.0/28 is full')).toMatch(/subnet/);
    expect(mend('AllocationFailed', 'in the subnet of pdb')).toMatch(/machines of the size/);
  });

  it.each([
    ['unsatisfiable-pdb', 'PodDisruptionBudget'],
    ['unsatisfiable-pdb-wrapped', 'PodDisruptionBudget'],
    ['quota-regional', 'quota'],
    ['quota-operation-not-allowed', 'quota'],
    ['quota-exceeded', 'quota'],
    ['subnet-full', 'subnet'],
    ['subnet-too-small', 'subnet'],
    ['no-capacity', 'machines of the size'],
    ['size-not-available', 'machines of the size'],
    ['internal-error', ''],
    ['another-operation', ''],
  ])('is read from the real message of %s', (id, words) => {
    const { status, body } = corpusError(id);
    const { code, message } = readErrorBody(status, JSON.stringify(body));
    expect(mend(code, message)).toContain(words);
    expect(mend('Failed', `${code}: ${message}`)).toContain(words);
    expect(mend(code, message) === '').toBe(words === '');
  });
});
