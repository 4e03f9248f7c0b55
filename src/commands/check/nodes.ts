import { capital } from '../../api/wording.ts';
import { createTargetAccess } from '../../cluster/node-access/access.ts';
import { connectToTarget } from '../../cluster/node-access/connect-target.ts';
import type { TargetAccess } from '../../cluster/node-access/target-way.ts';
import { withHint } from '../../cluster/node-access/access-errors.ts';
import type { Connection, KubernetesError } from '../../kubernetes/client/connection.ts';
import type { Management } from '../client/session.ts';
import type { Azure } from './azure.ts';
import type { Checking } from './checking.ts';
import { failed, messageOf, passed, skipped, warning, type Finding } from './finding.ts';
import { describeRight, missingVerbs, type ResourceRight, type Reviewed, type Right } from './reviews.ts';
import type { TargetWay } from './targets.ts';

/** The rights of deploy/target-cluster/role.yaml. */
export const NODE_RIGHTS: readonly ResourceRight[] = [
  { group: '', resource: 'nodes', verbs: ['list', 'watch'] },
  { group: '', resource: 'events', verbs: ['list', 'watch'] },
  { group: '', resource: 'pods', verbs: ['get', 'list'] },
  { group: 'policy', resource: 'poddisruptionbudgets', verbs: ['list'] },
];

/** The rights of deploy/target-cluster/verify-role.yaml. */
export function verifyRights(namespace: string): readonly ResourceRight[] {
  return [{ group: '', resource: 'pods', verbs: ['create', 'delete', 'list'], namespace }];
}

const CERTIFICATES_ROLE = 'deploy/target-cluster/certificates-role.yaml';
const KUBE_SYSTEM = 'kube-system';

/** The rights of deploy/target-cluster/certificates-role.yaml. */
export const CERTIFICATE_RIGHTS: readonly Right[] = [
  { group: '', resource: 'nodes', verbs: ['list'] },
  { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verbs: ['list'] },
  { group: 'apiregistration.k8s.io', resource: 'apiservices', verbs: ['list'] },
  { group: '', resource: 'configmaps', verbs: ['list'], name: 'kube-root-ca.crt' },
  { group: 'apps', resource: 'deployments', verbs: ['list'] },
  { group: 'apps', resource: 'daemonsets', verbs: ['list'] },
  { group: '', resource: 'persistentvolumes', verbs: ['list'] },
  { group: 'apps', resource: 'statefulsets', verbs: ['list'] },
  { url: '/openid/v1/jwks', verbs: ['get'] },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['get'],
    namespace: KUBE_SYSTEM,
    name: 'extension-apiserver-authentication',
  },
  { group: '', resource: 'configmaps', verbs: ['get'], namespace: KUBE_SYSTEM, name: 'kube-root-ca.crt' },
];

/** Tries every way to the nodes, as the controller would. */
export async function checkNodes(
  management: Management,
  azure: Azure | undefined,
  ways: readonly TargetWay[],
  whose: Reviewed,
  checking: Checking,
): Promise<readonly Finding[]> {
  const { config, timeout } = checking.request;
  const causes = new Map<string, string>();
  /** The last failure of each server. It is hidden from the authors of objects, but not from who runs the command. */
  const failures = new Map<string, KubernetesError>();
  const access = createTargetAccess({
    management: management.connection,
    arm: azure?.arm ?? NO_ARM,
    apiServerToken: azure?.apiServerToken ?? NO_TOKEN,
    apiServerSuffixes: config.cloud.apiServerSuffixes,
    now: checking.now,
    askAgainMs: timeout,
    open: (credentials) =>
      connectToTarget(credentials, {
        allowLocal: config.allowLocalTargets,
        failed: (error) => failures.set(credentials.server, error),
      }),
    onOperatorTrouble: ({ key }, message) => causes.set(key, message),
  });
  try {
    return (await Promise.all(ways.map((way) => checkWay(way)))).flat();
  } finally {
    await access.close();
  }

  async function checkWay(target: TargetWay): Promise<readonly Finding[]> {
    const { cluster, way } = target;
    const check = `Nodes, ${cluster.name} by ${nameOf(target)}`;
    if (way.kind === 'Azure' && !azure) return [skipped(check, 'It needs a sign-in to Azure.')];
    if (way.kind === 'InCluster' && whose !== undefined)
      return reviewAll(check, management.connection, target, whose, checking);
    if (way.kind === 'Secret' && whose !== undefined) {
      const read: Right = { group: '', resource: 'secrets', verbs: ['get'], namespace: way.namespace, name: way.name };
      const missing = await missingVerbs(management.connection, read, undefined, checking).catch(() => []);
      if (missing?.length) return [skipped(check, 'This user may not read the Secret.')];
    }
    const cause = () => causes.get(cluster.key);
    return tryWay(check, access, target, { cause, failureOf: (server) => failures.get(server) }, checking);
  }
}

interface Known {
  readonly cause: () => string | undefined;
  readonly failureOf: (server: string) => KubernetesError | undefined;
}

async function tryWay(
  check: string,
  access: TargetAccess,
  target: TargetWay,
  { cause, failureOf }: Known,
  checking: Checking,
): Promise<readonly Finding[]> {
  const { signal, request, ask } = checking;
  const limit = checking.limit();
  let server = '';
  try {
    const found = await access.connectionFor(target.cluster, target.way, {}, limit);
    if (found.kind !== 'Open') return [failed(check, `${unclosed(cause() ?? found.message)}.`)];
    server = found.connection.server;
    await ask(found.connection, { path: '/api/v1/nodes', query: { limit: '1' } });
    const listed = passed(check, `${found.connection.server} lists the nodes.`);
    return [listed, ...(await reviewAll(check, found.connection, target, undefined, checking))];
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return [failed(check, `There is no answer within ${request.timeout / 1000} s.`)];
    const failure = failureOf(server);
    if (failure?.reason === 'AddressRefused') return [failed(check, `${server}: ${failure.message}.`, LOCAL)];
    return [failed(check, `${unclosed(messageOf(withHint(failure ?? error)))}.`)];
  }
}

const LOCAL =
  "Addresses of the controller's own machine and link are refused, by this command too. For a test cluster at such an address, give --allow-local-targets to both; else correct the address in the kubeconfig.";

/** Every right of deploy/target-cluster that the objects of the cluster need. */
async function reviewAll(
  check: string,
  connection: Connection,
  { changes, watches, verifies }: TargetWay,
  whose: Reviewed,
  checking: Checking,
): Promise<readonly Finding[]> {
  const { verifyNamespace } = checking.request.config;
  const rights = [...(changes ? NODE_RIGHTS : []), ...(verifies ? verifyRights(verifyNamespace) : [])];
  const reviews = [
    ...(rights.length > 0 ? [review(`${check}, rights`, rights, failed, 'deploy/target-cluster')] : []),
    // Without them the controller works, and some rows of a CertificateRotation are Unknown.
    ...(watches ? [review(`${check}, rights for certificates`, CERTIFICATE_RIGHTS, warning, CERTIFICATES_ROLE)] : []),
  ];
  return Promise.all(reviews.map((one) => one(connection, whose, checking)));
}

type Review = (connection: Connection, whose: Reviewed, checking: Checking) => Promise<Finding>;

const review =
  (title: string, rights: readonly Right[], lacking: typeof failed, where: string): Review =>
  async (connection, whose, checking) => {
    try {
      const missing = await Promise.all(
        rights.map(async (right) => [right, await missingVerbs(connection, right, whose, checking)] as const),
      );
      if (missing.some(([, verbs]) => verbs === undefined))
        return skipped(title, 'This user may not ask about the rights of the controller.');
      const texts = missing.flatMap(([right, verbs = []]) => (verbs.length > 0 ? [describeRight(right, verbs)] : []));
      if (texts.length === 0) return passed(title, `Every right of ${where} is there.`);
      return lacking(
        title,
        `The user of this access may not ${texts.join('; ')}.`,
        `Bind the roles of ${where} to that user.`,
      );
    } catch (error) {
      return skipped(title, `The API server does not answer the reviews: ${messageOf(error)}.`);
    }
  };

/** As the beginning of a sentence that is not closed yet. */
function unclosed(text: string): string {
  return capital(text.replace(/\.$/, ''));
}

function nameOf({ way }: TargetWay): string {
  return way.kind === 'Secret' ? `Secret ${way.namespace}/${way.name}` : way.kind;
}

const NO_ARM = { userKubeconfig: () => Promise.reject(new Error('nothing of Azure is checked')) };
const NO_TOKEN = { current: () => Promise.reject(new Error('nothing of Azure is checked')), distrust: () => {} };
