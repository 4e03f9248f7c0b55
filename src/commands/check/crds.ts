import { FIELDS } from '../../api/generated/fields.ts';
import { spelledOut } from '../../api/spelled-out.ts';
import { API_VERSION } from '../../api/names.ts';
import type { Management } from '../client/session.ts';
import { isForbidden, isMissing, failed, messageOf, passed, skipped, type Finding } from './finding.ts';
import type { Checking } from './checking.ts';
import { fieldsOf, type Schema } from './schema-fields.ts';

const APPLY = 'kubectl apply --server-side -k deploy/kustomize/crds, of the same version as the controller';

/** How a resource definition of the cluster compares with the one of this version. */
export type SchemaAge =
  | { readonly kind: 'Same' | 'Missing' | 'Newer' }
  /** These fields are not in the cluster's. */
  | { readonly kind: 'Older' | 'Differs'; readonly lacking: readonly string[] };

interface OpenApi {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema & GroupVersionKind>> };
}

interface GroupVersionKind {
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly kind?: string }[];
}

/**
 * Compares the resource definitions with those of this version, by the fields that the API server publishes: every user may read
 * them, the controller included.
 *
 * @throws KubernetesError
 */
export async function readSchemaAges(
  { connection }: Management,
  { ask }: Pick<Checking, 'ask'>,
): Promise<ReadonlyMap<string, SchemaAge>> {
  const schemas = await readSchemas();
  return new Map(
    Object.entries(FIELDS).map(([resource, { kind, fields }]) => {
      const found = schemas.find((schema) =>
        schema['x-kubernetes-group-version-kind']?.some((one) => one.kind === kind),
      );
      return [resource, found === undefined ? { kind: 'Missing' } : compare(fields, fieldsOf(found))];
    }),
  );

  async function readSchemas() {
    try {
      const answer = (await ask(connection, { path: `/openapi/v3/apis/${API_VERSION}` })) as OpenApi;
      return Object.values(answer.components?.schemas ?? {});
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

function compare(ours: readonly string[], theirs: readonly string[]): SchemaAge {
  const there = new Set(theirs);
  const lacking = ours.filter((field) => !there.has(field));
  const more = theirs.length > ours.length - lacking.length;
  if (lacking.length === 0) return { kind: more ? 'Newer' : 'Same' };
  return { kind: more ? 'Differs' : 'Older', lacking };
}

export async function checkCrds(management: Management, checking: Checking): Promise<readonly Finding[]> {
  try {
    return [...(await readSchemaAges(management, checking))].map(([resource, age]) => findingOf(resource, age));
  } catch (error) {
    const check = 'CRDs';
    if (isForbidden(error)) return [skipped(check, `This user may not read the schemas: ${messageOf(error)}.`)];
    return [failed(check, `The schemas cannot be read: ${messageOf(error)}.`)];
  }
}

function findingOf(resource: string, age: SchemaAge): Finding {
  const check = `CRD ${resource}`;
  switch (age.kind) {
    case 'Same':
      return passed(check, 'It is the one of this version.');
    case 'Newer':
      return passed(check, 'It is newer than this version, which an upgrade does first.');
    case 'Missing':
      return failed(check, `${resource}.aks-ca-trust.dev is not installed.`, `Install it: ${APPLY}.`);
    case 'Older':
    case 'Differs':
      return failed(
        check,
        `It ${age.kind === 'Older' ? 'is older than this version' : 'is of another version'} and lacks ${spelledOut(age.lacking, 3)}; the API server drops these values.`,
        `Upgrade it before the controller: ${APPLY}.`,
      );
  }
}
