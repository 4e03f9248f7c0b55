import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Definition {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[] };
}

/** Paths of the members that say nothing of themselves; the standard ones of every object are left out. */
function undescribed({ properties = {}, items }: Schema, path = ''): string[] {
  const own = Object.entries(properties).flatMap(([name, schema]) => {
    const standard = path === '' && ['apiVersion', 'kind', 'metadata'].includes(name);
    const missing = schema.description === undefined && !standard ? [`${path}.${name}`] : [];
    return [...missing, ...undescribed(schema, `${path}.${name}`)];
  });
  return items === undefined ? own : [...own, ...undescribed(items, `${path}[]`)];
}

describe('kubectl explain', () => {
  it.each(['customcatrusts', 'targetclusters'])('describes every member of %s', (kind) => {
    const text = readFileSync(new URL(`../../crds/${kind}.yaml`, import.meta.url), 'utf8');
    for (const { schema } of (parse(text) as Definition).spec.versions)
      expect(undescribed(schema.openAPIV3Schema)).toEqual([]);
  });
});
