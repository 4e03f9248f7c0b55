import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Connection } from '../../src/kubernetes/client/connection.ts';
import { eventually } from '../eventually.ts';
import type { Manifest } from './kustomize.ts';
import { pathOf } from './object-path.ts';

export interface Rule {
  /** Absent in a rule about paths. */
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
}

export type RoleManifest = Manifest & { readonly rules?: readonly Rule[] };

/** The objects of a file of deploy/ that users install. */
export function manifestsIn(file: string): RoleManifest[] {
  const text = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as RoleManifest);
}

/** One `verb resource group` a right; the core group is empty. */
export function rightsOf(roles: readonly RoleManifest[]): string[] {
  return roles
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ apiGroups = [], resources = [], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} ${group}`.trim())),
      ),
    )
    .sort();
}

/** The role without one of its rights. */
export function withoutRight(role: RoleManifest, right: string): RoleManifest {
  const rules = (role.rules ?? []).flatMap(({ apiGroups, resources = [], verbs, ...rest }) =>
    resources.map((resource) => {
      const kept = verbs.filter((verb) => `${verb} ${resource} ${apiGroups?.[0]}`.trim() !== right);
      return { apiGroups: apiGroups ?? [], resources: [resource], verbs: kept, ...rest };
    }),
  );
  return { ...role, rules: rules.filter(({ verbs }) => verbs.length > 0) };
}

/** Who asks, and where. */
export interface Asker {
  readonly user: string;
  readonly namespace: string;
}

/** Replaces the role; resolves once the API server allows this right to the user, or no longer does. */
export async function putRole(
  admin: Connection,
  role: RoleManifest,
  asker: Asker,
  right: string,
  has: boolean,
): Promise<void> {
  await admin.request({ method: 'PUT', path: pathOf(role), body: role });
  await untilMay(admin, { ...asker, namespace: role.metadata.namespace ?? asker.namespace }, right, has);
}

/** Resolves once the API server allows this right to the user, or no longer does. */
export async function untilMay(
  admin: Connection,
  { user, namespace }: Asker,
  right: string,
  has: boolean,
): Promise<void> {
  const [verb, resource = '', group = ''] = right.split(' ');
  const [name, subresource] = resource.split('/');
  const attributes = { verb, group, resource: name, namespace, ...(subresource ? { subresource } : {}) };
  // The right to a Lease that exists is limited to its name.
  const named = name === 'leases' && verb !== 'create' ? { name: 'aks-ca-trust' } : {};
  await eventually(async () => {
    const { status } = (await admin.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: { spec: { user, resourceAttributes: { ...attributes, ...named } } },
    })) as { status: { allowed: boolean } };
    return status.allowed === has;
  });
}
