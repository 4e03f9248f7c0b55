import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from './rules.ts';

type Path = readonly string[];

interface Values {
  readonly path?: Path;
  readonly valueFrom?: Path;
  readonly labelsFromPath?: Readonly<Record<string, Path>>;
}

interface Resource {
  readonly groupVersionKind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly metricNamePrefix: string;
  readonly labelsFromPath: Readonly<Record<string, Path>>;
  readonly metrics: readonly {
    readonly name: string;
    readonly each: { readonly gauge?: Values; readonly info?: Values };
  }[];
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const read = <T>(file: string) => parse(readFileSync(join(ROOT, file), 'utf8')) as T;
const CONFIG = read<{ spec: { resources: Resource[] } }>('deploy/kube-state-metrics/config.yaml').spec.resources;
/** The API server adds these; a schema does not have them. */
const METADATA = new Set(['namespace', 'name']);

function schemaOf({ group, version, kind }: Resource['groupVersionKind']): Schema {
  const crd = read<{
    spec: { group: string; versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
  }>(`crds/${kind.toLowerCase()}s.yaml`);
  expect(crd.spec.group).toBe(group);
  return crd.spec.versions.find(({ name }) => name === version)!.schema.openAPIV3Schema;
}

function below(schema: Schema | undefined, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>((at, name) => at?.properties?.[name], schema);
}

/** Paths of a metric that the schema does not have, and values that are no number. */
function faults(schema: Schema, values: Values, hasValue = true): string[] {
  const { path = [], valueFrom, labelsFromPath = {} } = values;
  const at = below(schema, path);
  // Of a list, each element is a series.
  const each = at?.items ?? at;
  const missing = Object.values(labelsFromPath).filter((label) => below(each, label)?.type !== 'string');
  const value = valueFrom === undefined ? each : below(each, valueFrom);
  const isValue = !hasValue || path.length === 0 || ['integer', 'boolean', 'string'].includes(value?.type ?? '');
  return [
    ...missing.map((label) => [...path, ...label].join('.')),
    ...(isValue ? [] : [[...path, ...(valueFrom ?? [])].join('.')]),
  ];
}

describe('the configuration for kube-state-metrics', () => {
  it('covers every kind', () => {
    expect(CONFIG.map(({ groupVersionKind }) => groupVersionKind.kind)).toEqual([
      'CustomCATrust',
      'CertificateRotation',
      'TargetCluster',
    ]);
  });

  it.each(CONFIG.map((resource) => [resource.groupVersionKind.kind, resource] as const))(
    'has only paths that the schema of %s has',
    (_kind, { groupVersionKind, labelsFromPath, metrics }) => {
      const schema = schemaOf(groupVersionKind);
      const labels = Object.values(labelsFromPath).filter(
        ([top, name = '']) => top !== 'metadata' || !METADATA.has(name),
      );
      expect(faults(schema, { labelsFromPath: Object.fromEntries(labels.map((path) => [path.join(), path])) })).toEqual(
        [],
      );
      for (const { name, each } of metrics)
        expect({ name, faults: faults(schema, each.gauge ?? each.info ?? {}, !each.info) }).toEqual({
          name,
          faults: [],
        });
    },
  );

  it('would not pass with a path that is missing', () => {
    const schema = schemaOf(CONFIG[0]!.groupVersionKind);
    expect(faults(schema, { path: ['status', 'conditions'], valueFrom: ['state'] })).toEqual([
      'status.conditions.state',
    ]);
    expect(faults(schema, { path: ['status', 'node', 'total'] })).toEqual(['status.node.total']);
    const infos = { path: ['status', 'certificates'], labelsFromPath: { pool: ['node', 'pool'] } };
    expect(faults(schema, infos, false)).toEqual(['status.certificates.node.pool']);
  });
});
