import * as x509 from '@peculiar/x509';
import type { Authority, Validity } from '../certificates/authority.ts';
import { realSleep } from '../clock.ts';
import { ecKeyPair } from '../certificates/key-pair.ts';
import type { ApiServerClient } from './api-server-client.ts';

/** How a certificate signing request ends: `ApprovedOnly` is approved and never signed. */
export type RequestEnd = 'Issued' | 'Pending' | 'Denied' | 'Failed' | 'ApprovedOnly';

/** Who asks: a machine that joins with a bootstrap token, with secure TLS bootstrapping (Azure/AKS#5694), or a kubelet that renews. */
export type Requestor = 'bootstrapToken' | 'aksService' | 'renewal';

export interface KubeletRequest {
  readonly node: string;
  readonly requestor: Requestor;
  readonly end?: RequestEnd;
  /** The CA of now. */
  readonly authority: () => Promise<Authority>;
  readonly validity: Validity;
}

const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';

/**
 * Asks for the client certificate of a kubelet, by a CertificateSigningRequest of a real API server, and lets it come to its end.
 * Resolves to the certificate as PEM; undefined where none was issued.
 */
export async function requestCertificate(
  client: ApiServerClient,
  request: KubeletRequest,
): Promise<string | undefined> {
  const { node, requestor, end = 'Issued', authority, validity } = request;
  const pair = await ecKeyPair();
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectOf(node),
    keys: pair.keys,
    signingAlgorithm: pair.signing,
  });
  const { metadata } = (await client.create(
    REQUESTS,
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { generateName: 'csr-' },
      spec: {
        request: Buffer.from(`${csr.toString('pem')}\n`).toString('base64'),
        signerName: SIGNER,
        usages: ['digital signature', 'client auth'],
      },
    },
    userOf(requestor, node),
  )) as { metadata: { name: string } };
  const path = `${REQUESTS}/${metadata.name}`;
  if (end === 'Pending') return undefined;
  const decision = end === 'Denied' ? 'Denied' : 'Approved';
  await client.patch(`${path}/approval`, { status: { conditions: [conditionOf(decision, REASONS[decision])] } });
  if (end === 'Denied' || end === 'ApprovedOnly') return undefined;
  const conditions = [conditionOf('Approved', REASONS.Approved)];
  if (end === 'Failed') {
    conditions.push(conditionOf('Failed', 'SignerValidationFailure'));
    await client.patch(`${path}/status`, { status: { conditions } });
    return undefined;
  }
  const { publicKey } = pair.keys;
  const certPem = await (await authority()).issue({ publicKey, subject: subjectOf(node), usage: 'client', validity });
  await client.patch(`${path}/status`, { status: { certificate: Buffer.from(certPem).toString('base64') } });
  return certPem;
}

function subjectOf(node: string): x509.JsonName {
  return [{ O: ['system:nodes'] }, { CN: [`system:node:${node}`] }];
}

const REASONS = { Approved: 'AutoApproved', Denied: 'Refused' } as const;

function conditionOf(type: 'Approved' | 'Denied' | 'Failed', reason: string): object {
  return { type, status: 'True', reason, message: 'Said by the simulator of AKS.' };
}

/** The headers by which a request is another user's (kubernetes.io/docs/reference/access-authn-authz/authentication, impersonation). */
function userOf(requestor: Requestor, node: string): readonly string[] {
  // The API server adds system:authenticated.
  const as = (user: string, group: string) => ['impersonate-user', user, 'impersonate-group', group];
  switch (requestor) {
    case 'bootstrapToken':
      return as('system:bootstrap:a1b2c3', BOOTSTRAPPERS);
    case 'aksService':
      return as('aksService', BOOTSTRAPPERS);
    case 'renewal':
      return as(`system:node:${node}`, 'system:nodes');
  }
}

const BOOTSTRAPPERS = 'system:bootstrappers';

/** Lets machines ask for certificates, as the addon manager of a control plane does; kubelets that have one are the Node authorizer's. */
export async function allowJoining(client: ApiServerClient, signal: AbortSignal): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io';
  const name = 'kubelet-bootstrap';
  await client.patch(
    `/apis/${apiGroup}/v1/clusterrolebindings/${name}?fieldManager=aks&force=true`,
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'system:node-bootstrapper' },
      subjects: [{ apiGroup, kind: 'Group', name: BOOTSTRAPPERS }],
    },
    'application/apply-patch+yaml',
  );
  while (!(await mayAsk(client))) await realSleep(AUTHORIZER_MS, signal);
}

/** The authorizer hears of a binding a moment after it was made. */
const AUTHORIZER_MS = 50;

async function mayAsk(client: ApiServerClient): Promise<boolean> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create' },
    },
  };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const { status } = (await client.create(path, review, userOf('bootstrapToken', ''))) as {
    status: { allowed: boolean };
  };
  return status.allowed;
}
