import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './kustomize.ts';

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
