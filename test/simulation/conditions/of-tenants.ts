import type { CustomCATrustStatus } from '../../../src/api/generated/customcatrusts.ts';
import { BAD_PEM, POOL } from '../certificates.ts';
import { AFFLICTED, secretOf, TENANT } from '../script.ts';
import { kubeconfigOf } from '../target.ts';
import { request } from '../users.ts';
import type { World } from '../world.ts';
import type { Condition } from './condition.ts';

type Spec = Readonly<Record<string, unknown>>;

/** What a tenant does to its own object, once it is `ready` for it; another edit of it later does not undo that. */
function ofTenant(
  name: string,
  change: (spec: Spec) => Spec,
  says?: Omit<NonNullable<Condition['says']>, 'object'>,
  ready: (world: World) => boolean = () => true,
): Condition {
  return {
    name: `a tenant's object ${name}`,
    spares: 'OtherObjects',
    ...(says ? { says: { object: TENANT, ...says } } : {}),
    begin({ world, every }) {
      let before: Spec | undefined;
      const spoil = () => {
        if (!exists(world) || (!before && !ready(world))) return;
        world.api.update('customcatrusts', TENANT, (one) => {
          const spec = change(one.spec ?? {});
          if (JSON.stringify(spec) === JSON.stringify(one.spec)) return one;
          before ??= one.spec;
          return { ...one, spec };
        });
      };
      spoil();
      every(() => 5000, spoil);
      return () => {
        if (exists(world))
          world.api.update('customcatrusts', TENANT, (one) => ({ ...one, spec: before ?? one.spec ?? {} }));
      };
    },
  };
}

function exists({ api }: World): boolean {
  const object = api.get('customcatrusts', TENANT);
  return object !== undefined && object.metadata.deletionTimestamp === undefined;
}

/** Its certificates are in the cluster. */
function isTrusted({ api }: World): boolean {
  const { conditions = [] } = (api.get('customcatrusts', TENANT)?.status ?? {}) as CustomCATrustStatus;
  return conditions.some(({ type, reason }) => type === 'Ready' && reason === 'Trusted');
}

function ofSecret(name: string, value: string | undefined): Condition {
  return {
    name: `a tenant's kubeconfig ${name}`,
    spares: 'OtherObjects',
    begin({ world: { api } }) {
      const secret = `ops/${secretOf('ops', AFFLICTED)}`;
      if (value === undefined) api.delete('secrets', secret);
      else api.update('secrets', secret, (one) => ({ ...one, data: { value } }));
      return () => {
        const data = { value: kubeconfigOf(AFFLICTED) };
        if (api.get('secrets', secret)) api.update('secrets', secret, (one) => ({ ...one, data }));
        else api.create('secrets', secret, { data });
      };
    },
  };
}

const over = POOL.map(({ pem }, place) => ({ name: `ca-${place}`, pem }));

/** Conditions of one object of another namespace on the same cluster. */
export const OF_TENANTS: readonly Condition[] = [
  ofTenant('has a bad certificate', (spec) => ({ ...spec, certificates: [{ name: 'bad', pem: BAD_PEM }] }), {
    reasons: ['Invalid', 'Held'],
  }),
  ofTenant('has a bad certificate that is skipped, and may be empty', (spec) => ({
    ...spec,
    allowEmpty: true,
    invalidCertificates: 'Skip',
    certificates: [{ name: 'bad', pem: BAD_PEM }],
  })),
  ofTenant(
    'has no certificate left that reads',
    (spec) => ({ ...spec, invalidCertificates: 'Skip', certificates: [{ name: 'bad', pem: BAD_PEM }] }),
    // Why nothing is left is what there is to do about it.
    { reasons: ['Invalid'], words: /base64/ },
    isTrusted,
  ),
  ofTenant('is suspended', (spec) => ({ ...spec, suspend: true }), { reasons: ['Suspended'] }),
  ofTenant('is over the limit', (spec) => ({ ...spec, certificates: over }), { reasons: ['LimitExceeded'] }),
  ofTenant('names a Secret that does not exist', (spec) => ({
    ...spec,
    target: { ...(spec['target'] as object), nodeAccess: { kubeconfigSecretRef: { name: 'nowhere' } } },
  })),
  ofSecret('is nonsense', btoa('apiVersion: v1\nkind: Nonsense')),
  ofSecret('is gone', undefined),
  ofSecret("is another cluster's", kubeconfigOf('test')),
  {
    name: 'a tenant asks for a fresh look every second',
    spares: 'OtherObjects',
    // Twice a minute, which is what one object may ask for.
    costs: { firstReads: 350, readsAnHour: 330 },
    begin({ world, every }) {
      every(
        () => 1000,
        () => void (exists(world) && request(world, TENANT)),
      );
      return () => {};
    },
  },
];
