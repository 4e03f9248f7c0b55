import { isDeepStrictEqual } from 'node:util';
import { servedAccount } from '../cluster/certificates.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ROTATING } from '../cluster/rotate.ts';
import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { at, plain, stringOf } from '../json/access.ts';
import { pathCluster } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { spokenError } from './errors.ts';
import { accountUser, execUser, kubeconfig, pluginUser } from './kubeconfig.ts';
import { refuseWhileAtWork } from './refuse-busy.ts';

/** A kubeconfig for users: an account of the cluster, or with Microsoft Entra ID what kubelogin is to be called with. */
export async function listClusterUserCredential(request: ArmRequest): Promise<Answer> {
  const cluster = pathCluster(request);
  const { tenantId } = request.world;
  const entra = at(cluster.model, 'properties', 'aadProfile');
  if (entra?.kind !== 'object') return localAccount(request, 'User');
  const tenant = stringOf(at(entra, 'tenantID')) ?? tenantId;
  const user = request.incoming.url.searchParams.get('format') === 'azure' ? pluginUser(tenant) : execUser(tenant);
  const { caPem } = cluster.access ?? (await servedAccount(cluster.certificates));
  return handedOut(request, 'User', { caPem, user });
}

/** A kubeconfig of the cluster's own administrator, where there may be one. */
export async function listClusterAdminCredential(request: ArmRequest): Promise<Answer> {
  return localAccount(request, 'Admin');
}

type Role = 'User' | 'Admin';

/** Throws 400 where local accounts are disabled. */
async function localAccount(request: ArmRequest, role: Role): Promise<Answer> {
  const cluster = pathCluster(request);
  const disabled = at(cluster.model, 'properties', 'disableLocalAccounts');
  if (disabled !== undefined && isDeepStrictEqual(plain(disabled), true)) {
    throw spokenError('no-local-accounts');
  }
  const account = cluster.access ?? (await servedAccount(cluster.certificates));
  return handedOut(request, role, { caPem: account.caPem, user: accountUser(account) });
}

function handedOut(request: ArmRequest, role: Role, { caPem, user }: { caPem: string; user: string }): Answer {
  const cluster = pathCluster(request);
  const { state, seed } = cluster;
  if (seed.rotation?.listing === 'refused' && state.provisioningState === ROTATING) {
    refuseWhileAtWork(cluster, request.world.provider);
  }
  const { name, resourceGroup } = cluster.id;
  const text = kubeconfig({
    cluster: name,
    userName: `cluster${role}_${resourceGroup}_${name}`,
    server: cluster.access?.server ?? cluster.controlPlane?.server ?? `https://${addressOf(cluster)}:443`,
    caPem,
    user,
  });
  return json(200, { kubeconfigs: [{ name: `cluster${role}`, value: Buffer.from(text).toString('base64') }] });
}

/** The name in DNS; of a private cluster one that only its own network resolves. */
function addressOf({ model }: Cluster): string {
  const name = (key: string) => stringOf(at(model, 'properties', key));
  return name('privateFQDN') ?? name('fqdn') ?? '';
}
