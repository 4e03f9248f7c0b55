import type { CustomCATrustStatus } from '../../../src/api/generated/customcatrusts.ts';
import { BAD_PEM, POOL } from '../../rules/certificates.ts';
import type { Stored } from '../api-server.ts';
import { API_VERSION } from '../names.ts';
import { AFFLICTED, secretOf, TENANT } from '../script.ts';
import { kubeconfigOf } from '../target.ts';
import { request } from '../users.ts';
import type { World } from '../world.ts';
import type { Condition, Costs } from './condition.ts';

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

/** Of a tenant whose edits are its own changes, one roll after the other. */
const BUSY: Costs = {
  firstPuts: 100,
  putsAnHour: 100,
  firstReads: 4000,
  readsAnHour: 4000,
  firstRecordWrites: 4000,
  recordWritesAnHour: 4000,
  firstStatusWrites: 6000,
  statusWritesAnHour: 6000,
  firstEvents: 300,
  eventsAnHour: 300,
};

const over = POOL.map(({ pem }, place) => ({ name: `ca-${place}`, pem }));

/** Conditions of one object of another namespace on the same cluster. */
/** What a tenant does to its own object without a pause; each look costs a read, and each new list of its own a write. */
function restless(name: string, act: (world: World, turn: number, spec: Spec) => void): Condition {
  return {
    name: `a tenant ${name} without a pause`,
    spares: 'OtherObjects',
    costs: BUSY,
    begin({ world, every }) {
      const first = world.api.get('customcatrusts', TENANT)?.spec;
      if (!first) return () => {};
      let turn = 0;
      every(
        // As fast for hours would only take the test long.
        () => (turn < 1000 ? 700 : 20_000),
        () => act(world, (turn += 1), first),
      );
      return () => {
        if (exists(world)) world.api.update('customcatrusts', TENANT, (one) => ({ ...one, spec: first }));
      };
    },
  };
}

function rewrite({ api }: World, spec: Spec): void {
  if (api.get('customcatrusts', TENANT)) api.update('customcatrusts', TENANT, (one) => ({ ...one, spec }));
}

const wants = (turn: number) => {
  const { pem } = POOL[3 + (turn % 3)]!;
  return [{ name: `ca-${turn % 3}`, pem }];
};

export const OF_TENANTS: readonly Condition[] = [
  restless('changes what it wants', (world, turn, spec) => rewrite(world, { ...spec, certificates: wants(turn) })),
  restless('changes what it wants, and asks for an hour to settle', (world, turn, spec) =>
    rewrite(world, { ...spec, certificates: wants(turn), settleSeconds: 3600 }),
  ),
  restless('suspends its object and takes that back', (world, turn, spec) =>
    rewrite(world, { ...spec, suspend: turn % 2 === 0 }),
  ),
  restless('makes its object, changes it and deletes it', (world, turn, spec) => {
    const { api } = world;
    const there = api.get('customcatrusts', TENANT);
    if (!there) api.create('customcatrusts', TENANT, { apiVersion: API_VERSION, kind: 'CustomCATrust', spec });
    else if (there.metadata.deletionTimestamp !== undefined || turn % 2)
      rewrite(world, { ...spec, certificates: wants(turn), deletionPolicy: turn % 3 ? 'Retain' : 'Remove' });
    else api.delete('customcatrusts', TENANT);
  }),
  restless('makes its object anew without its finaliser', (world, turn, spec) => {
    const { api } = world;
    const free = (one: Stored): Stored => ({ ...one, metadata: { ...one.metadata, finalizers: [] } });
    if (api.get('customcatrusts', TENANT)) {
      world.ledger.lives.get(api.get('customcatrusts', TENANT)!.metadata.uid ?? '')!.vanished = true;
      api.update('customcatrusts', TENANT, free);
      if (api.get('customcatrusts', TENANT)) api.delete('customcatrusts', TENANT);
    }
    api.create('customcatrusts', TENANT, {
      apiVersion: API_VERSION,
      kind: 'CustomCATrust',
      spec: { ...spec, certificates: wants(turn) },
    });
  }),

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
    // Twice a minute, which is what one object may ask for; its status says each time that the request was handled.
    costs: { firstReads: 350, readsAnHour: 330, statusWritesAnHour: 125 },
    begin({ world, every }) {
      every(
        () => 1000,
        () => void (exists(world) && request(world, TENANT)),
      );
      return () => {};
    },
  },
];
