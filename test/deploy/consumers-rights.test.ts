import { describe, expect, it } from '@jest/globals';
import { COLLECTIONS } from '../../src/cluster-certificates/holders/collections.ts';
import { manifestsIn } from './granted.ts';

const rightsIn = (file: string) =>
  manifestsIn(`target-cluster/${file}`).flatMap(({ rules = [] }) =>
    rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
      resources.flatMap((resource) =>
        apiGroups.flatMap((group) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    ),
  );

/** The right to list a collection, by its path: `/api/v1/secrets`, `/apis/{group}/v1/{resource}`. */
function rightOf(path: string): string {
  const [, root, group = '', , resource = ''] = path.split('/');
  return root === 'api' ? `list /${path.split('/').at(-1)}` : `list ${group}/${resource}`;
}

describe('the roles for finding consumers', () => {
  const ALL = COLLECTIONS.map(({ path }) => rightOf(path));
  const POWERFUL = ['list /secrets', 'list /configmaps'];

  it('have together the right to each collection that is searched, and no other', () => {
    expect([...rightsIn('consumers-role.yaml'), ...rightsIn('consumers-secrets-role.yaml')].sort()).toEqual(ALL.sort());
  });

  it('keep what shows content that is meant for few in a role of its own', () => {
    expect(rightsIn('consumers-secrets-role.yaml').sort()).toEqual([...POWERFUL].sort());
  });
});
