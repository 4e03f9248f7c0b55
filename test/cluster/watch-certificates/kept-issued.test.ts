import { expect, test } from '@jest/globals';
import { issuedCertificates } from '../../../src/cluster-certificates/issued-certificates.ts';
import { createKeptIssued } from '../../../src/cluster/watch-certificates/kept-issued.ts';
import { START } from '../../harness/build.ts';
import { DAY, makeAuthority } from '../../cluster-certificates/authority.ts';
import { evidenceOf, node, request } from '../../cluster-certificates/kubelets.ts';

const nodes = [node('a'), node('b')];

async function issuedTo(name: string) {
  const authority = await makeAuthority(START - 900 * DAY);
  const own = await authority.issue(name, { notBefore: START - DAY, notAfter: START + 365 * DAY });
  const signingRequests = [request(name, { state: 'Issued', certificate: own })];
  const ca = authority.certificate;
  return { ca, evidence: evidenceOf({ nodes, signingRequests, clusterCA: ca }) };
}

const namesOf = (evidence: ReturnType<typeof evidenceOf>) => issuedCertificates(evidence).map((one) => one.node);

test('a certificate that was seen once is there at the next reads, while its node exists', async () => {
  const kept = createKeptIssued();
  const { evidence, ca } = await issuedTo('a');
  expect(namesOf(kept.add('c1', 'Operator', evidence))).toEqual(['a']);
  expect(namesOf(kept.add('c1', 'Operator', evidenceOf({ nodes, clusterCA: ca })))).toEqual(['a']);
  expect(namesOf(kept.add('c1', 'Operator', evidenceOf({ nodes: [node('b')], clusterCA: ca })))).toEqual([]);
  expect(namesOf(kept.add('c1', 'Operator', evidenceOf({ nodes, clusterCA: ca })))).toEqual([]);
});

test('another cluster, other access, and a cluster that was forgotten have nothing of it', async () => {
  const kept = createKeptIssued();
  const { evidence, ca } = await issuedTo('a');
  kept.add('c1', 'Operator', evidence);
  const empty = () => evidenceOf({ nodes, clusterCA: ca });
  expect(namesOf(kept.add('c2', 'Operator', empty()))).toEqual([]);
  expect(namesOf(kept.add('c1', 'Namespace/team', empty()))).toEqual([]);
  kept.forget('c1');
  expect(namesOf(kept.add('c1', 'Operator', empty()))).toEqual([]);
});

test('namespaces cannot fill the memory, and take nothing from the operator', async () => {
  const kept = createKeptIssued(1);
  const { evidence, ca } = await issuedTo('a');
  const empty = () => evidenceOf({ nodes, clusterCA: ca });
  for (const access of ['Namespace/one', 'Namespace/two', 'Operator']) kept.add('c1', access, evidence);
  expect(namesOf(kept.add('c1', 'Namespace/two', empty()))).toEqual([]);
  expect(namesOf(kept.add('c1', 'Namespace/one', empty()))).toEqual(['a']);
  expect(namesOf(kept.add('c1', 'Operator', empty()))).toEqual(['a']);
});
