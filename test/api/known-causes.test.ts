import { readError, readErrorBody } from '../../src/azure/error-body.ts';
import { corpusError, CORPUS } from '../corpus.ts';
import { describe, expect, it } from '@jest/globals';
import { knownCause } from '../../src/api/known-causes.ts';

const fixOf = (code: string, message = 'it failed') => knownCause({ code, message })?.fix ?? '';

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
  ])('has a fix by its code (%s)', (code, expected) => {
    expect(fixOf(code)).toMatch(expected);
  });

  it.each([
    ['Drain node x failed: blocked by pdb web.', /PodDisruptionBudget/],
    ['exceeding approved Cores quota', /quota/],
    ['the subnet has no addresses', /subnet/],
    ['Allocation failed. We do not have sufficient capacity', /machines of the size/],
  ])('has a fix by its message when the code says nothing (%s)', (message, expected) => {
    expect(fixOf('Failed', message)).toMatch(expected);
  });

  it('goes by the code first: names of other things may be in what it says', () => {
    expect(fixOf('SubnetIsFull', 'Subnet quota-tests with prefix 10.0.0.0/28 is full')).toMatch(/subnet/);
    expect(fixOf('AllocationFailed', 'in the subnet of pdb')).toMatch(/machines of the size/);
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
    expect(fixOf(code, message)).toContain(words);
    expect(fixOf('Failed', `${code}: ${message}`)).toContain(words);
    expect(fixOf(code, message) === '').toBe(words === '');
  });

  const FIXES: Readonly<Record<string, string>> = {
    'drain-refused': 'PodDisruptionBudget',
    'drain-not-complete': 'PodDisruptionBudget',
    'drain-in-time': 'which pods stay on the node',
    'extension-without-network': '',
    'extension-download': '',
    'extension-api-server': 'aka.ms/aks-required-ports-and-addresses',
    'extension-api-server-exit': 'aka.ms/aks-required-ports-and-addresses',
    'extension-certificates': 'remove the certificates that were added last',
    'nodes-not-ready': '',
    'nodes-not-ready-in-details': '',
    'add-ons-not-ready': '',
    'pool-internal-error': '',
    'key-pool-empty': '',
    'overconstrained-in-details': 'machines of the size',
    'zone-without-machines': 'machines of the size',
    'subnet-full-in-words': 'subnet',
    'policy-in-details': 'exempt the cluster and its node resource group',
    'extension-not-registered': 'az provider register',
    'identity-without-right': 'the identity of the cluster',
    'node-group-locked': 'remove the lock',
    'internal-without-end': '',
    'quota-without-words': '',
  };

  it.each(CORPUS.failures)('is read from the real words of $id', ({ id, error }) => {
    const { code, message } = readError({ ...error });
    const expected = FIXES[id];
    expect(expected).toBeDefined();
    expect(fixOf(code, message)).toContain(expected);
    expect(fixOf(code, message) === '').toBe(expected === '');
    expect(fixOf('Failed', `${code}: ${message}`) === '').toBe(expected === '');
  });

  it('names what the details of an error say, where the error itself says nothing', () => {
    const said = (id: string) => readError({ ...CORPUS.failures.find((failure) => failure.id === id)!.error }).message;
    expect(said('nodes-not-ready-in-details')).toBe(
      "The resource operation completed with terminal provisioning state 'Failed'. (NodesNotReady)",
    );
    expect(said('key-pool-empty')).toContain('(ReconcileControlPlaneCertificatesError: key pool is empty)');
    expect(said('extension-download')).toContain('VMExtensionProvisioningError: VM has reported a failure');
    expect(said('extension-download')).not.toContain('{"status"');
  });
});
