import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { at, plain, stringOf } from '../json/access.ts';
import { pathCluster } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { spokenError } from './errors.ts';
import { accountUser, execUser, kubeconfig, pluginUser } from './kubeconfig.ts';

/** A kubeconfig for users: an account of the cluster, or with Microsoft Entra ID what kubelogin is to be called with. */
export function listClusterUserCredential(request: ArmRequest): Answer {
  const cluster = pathCluster(request);
  const { tenantId } = request.world;
  const entra = at(cluster.model, 'properties', 'aadProfile');
  if (entra?.kind !== 'object') return localAccount(request, 'User');
  const tenant = stringOf(at(entra, 'tenantID')) ?? tenantId;
  const user = request.incoming.url.searchParams.get('format') === 'azure' ? pluginUser(tenant) : execUser(tenant);
  return handedOut(request, 'User', user);
}

/** A kubeconfig of the cluster's own administrator, where there may be one. */
export function listClusterAdminCredential(request: ArmRequest): Answer {
  return localAccount(request, 'Admin');
}

type Role = 'User' | 'Admin';

/** Throws 400 where local accounts are disabled. */
function localAccount(request: ArmRequest, role: Role): Answer {
  const cluster = pathCluster(request);
  const disabled = at(cluster.model, 'properties', 'disableLocalAccounts');
  if (disabled !== undefined && isDeepStrictEqual(plain(disabled), true)) {
    throw spokenError('no-local-accounts');
  }
  const { access } = cluster;
  return handedOut(
    request,
    role,
    access === undefined ? `    token: ${request.world.provider.random.guid()}\n` : accountUser(access),
  );
}

function handedOut(request: ArmRequest, role: Role, user: string): Answer {
  const cluster = pathCluster(request);
  const { name, resourceGroup } = cluster.id;
  const text = kubeconfig({
    cluster: name,
    userName: `cluster${role}_${resourceGroup}_${name}`,
    server: cluster.access?.server ?? `https://${addressOf(cluster)}:443`,
    caPem: cluster.access?.caPem ?? request.caPem,
    user,
  });
  return json(200, { kubeconfigs: [{ name: `cluster${role}`, value: Buffer.from(text).toString('base64') }] });
}

/** The name in DNS; of a private cluster one that only its own network resolves. */
function addressOf({ model }: Cluster): string {
  const name = (key: string) => stringOf(at(model, 'properties', key));
  return name('privateFQDN') ?? name('fqdn') ?? '';
}
