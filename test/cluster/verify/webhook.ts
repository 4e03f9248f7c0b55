import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeServingCertificate } from '../../../simulator/http/certificates.ts';
import { podFor } from '../../../src/cluster/verify/pod-spec.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { node, START } from '../../harness/build.ts';
import { wantedVerification } from './build.ts';

/** What a webhook does to a pod: changes it by a JSON patch, or refuses it. */
export type Admission =
  { readonly patch: readonly object[] } | { readonly code: number; readonly reason?: string; readonly message: string };

/** Puts a webhook before every pod that is made in a namespace, until the function that it returns is called. */
export async function admitWith(
  admin: Connection,
  namespace: string,
  decide: () => Admission,
): Promise<() => Promise<void>> {
  const { caPem, certPem, keyPem } = await makeServingCertificate([], Date.now());
  let isAsked = false;
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    isAsked = true;
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const { uid } = (JSON.parse(text) as { request: { uid: string } }).request;
      const decided = decide();
      const answer =
        'patch' in decided
          ? { uid, allowed: true, patchType: 'JSONPatch', patch: btoa(JSON.stringify(decided.patch)) }
          : { uid, allowed: false, status: decided };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const webhook = {
    name: 'pods.policies.example.com',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    clientConfig: { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, caBundle: btoa(caPem) },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
  };
  const body = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: namespace },
    webhooks: [webhook],
  };
  await admin.request({ method: 'POST', path, body });
  await untilTried(admin, namespace, () => isAsked);
  return async () => {
    await admin.request({ method: 'DELETE', path: `${path}/${namespace}` });
    server.closeAllConnections();
    server.close();
  };
}

/** Tries pods, without making any, until the API server knows of what was made to judge them. */
export async function untilTried(
  admin: Connection,
  namespace: string,
  isOver: (refusal: KubernetesError | undefined) => boolean,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const body = podFor(wantedVerification({ namespace }), 'nobody', node('nowhere', START));
  for (let round = 0; round < 3000; round++) {
    let refusal: KubernetesError | undefined;
    try {
      await admin.request({ method: 'POST', path, query: { dryRun: 'All' }, body });
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      refusal = error;
    }
    if (isOver(refusal)) return;
  }
  throw new Error(`nothing judges the pods of ${namespace}`);
}
