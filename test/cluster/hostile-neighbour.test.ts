import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { BAD_PEM, CLUSTER_ID, HOUR, MINUTE, pem, SECOND, START, trust, type TrustOptions } from '../harness/build.ts';
import { memoryRig, type MemoryRig } from '../harness/memory-rig.ts';

const PLATFORM = 'platform/p';
/** Nothing that is said to another namespace may have this in it. */
const MARK = /evil|hostile/;

const evil = (options: TrustOptions & { readonly roots?: readonly number[]; readonly name?: string } = {}) => {
  const { roots = [1], name = 'hostile', ...rest } = options;
  return trust(name, roots, { namespace: 'evil', uid: `uid-${name}`, ...rest });
};

function put(rig: MemoryRig, object: CustomCATrust): void {
  const { namespace, name } = object.metadata;
  const status = rig.objects.get(`${namespace}/${name}`)?.status;
  rig.add(status ? { ...object, status } : object);
}

/** What the tenant does: once, and then before every pass. */
interface Hostility {
  readonly once?: (rig: MemoryRig) => void;
  readonly always?: (rig: MemoryRig, turn: number) => void;
  /** True where its own change is part of the same write, so that both settle together. */
  readonly settles?: number;
}

const with1 = (options: TrustOptions): Hostility => ({ once: (rig) => rig.add(evil(options)) });
const withSpec = (change: (spec: CustomCATrust['spec']) => object): Hostility => ({
  once: (rig) => {
    const object = evil();
    rig.add({ ...object, spec: { ...object.spec, ...change(object.spec) } });
  },
});

const HOSTILITIES: Readonly<Record<string, Hostility>> = {
  'has a certificate that does not read': withSpec(() => ({ certificates: [{ name: 'ca', pem: BAD_PEM }] })),
  'has 64 entries, no two alike': withSpec(() => ({
    certificates: Array.from({ length: 64 }, (_, n) => ({ name: `ca-${n}`, pem: pem(20 + n) })),
  })),
  'has eight entries of a mebibyte each': withSpec(() => ({
    certificates: Array.from({ length: 8 }, (_, n) => ({ name: `ca-${n}`, pem: '-----BEGIN X-----\n'.repeat(58_000) })),
  })),
  'has a mebibyte of one certificate': withSpec(() => ({
    certificates: [{ name: 'ca', pem: pem(1).repeat(Math.floor(1_000_000 / pem(1).length)) }],
  })),
  'writes the id of the cluster in capitals': withSpec(({ target }) => ({
    target: { ...target, resourceId: CLUSTER_ID.resourceId.toUpperCase() },
  })),
  'has a kubeconfig Secret that is not there': with1({ nodeAccess: true }),
  'asks for azure': with1({ nodeAccess: { azure: {} } }),
  'asks for the cluster that the controller runs in': with1({ nodeAccess: { inCluster: {} } }),
  'is suspended': with1({ suspend: true }),
  'wants nothing': { once: (rig) => rig.add(evil({ roots: [] })) },
  'is being deleted with Retain': with1({ deleting: true }),
  'is being deleted with Remove': with1({ deleting: true, deletionPolicy: 'Remove' }),
  'is being deleted, and others hold its finaliser': {
    once: (rig) => {
      const object = evil({ deleting: true, deletionPolicy: 'Remove' });
      rig.add({ ...object, metadata: { ...object.metadata, finalizers: ['evil.example.com/never'] } });
    },
  },
  'removes what nobody names': with1({ unmanagedCertificates: 'Remove' }),
  'adopts, and is deleted with Remove': {
    once: (rig) => rig.add(evil({ roots: [0], adopt: true, deletionPolicy: 'Remove' })),
    always: (rig, turn) => {
      if (turn === 6)
        put(rig, evil({ roots: [0], adopt: true, deletionPolicy: 'Remove', deleting: true, generation: 2 }));
    },
  },
  'names the certificate of another one, and lets go of it': {
    once: (rig) => rig.add(evil({ roots: [0] })),
    always: (rig, turn) => {
      if (turn % 4 === 2) put(rig, evil({ roots: turn % 8 === 2 ? [] : [0], allowEmpty: true, generation: turn }));
    },
  },
  'asks for a fresh look before every pass': {
    once: (rig) => rig.add(evil()),
    always: (rig, turn) => put(rig, evil({ requestedAt: `${turn}` })),
  },
  'suspends and resumes its object before every pass': {
    always: (rig, turn) => put(rig, evil({ suspend: turn % 2 === 0, generation: turn })),
  },
  'makes its object anew before every pass': {
    always: (rig, turn) => rig.add(evil({ uid: `uid-${turn}`, roots: [1 + (turn % 2)] })),
  },
  'was made in the year 9999': with1({ createdAt: Date.parse('9999-12-31T23:59:59Z') }),
  'was made long ago, and has more certificates than there are slots': {
    once: (rig) => rig.add(evil({ roots: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21], createdAt: START - HOUR })),
  },
  'verifies with an image of its own': with1({ verify: { image: 'evil.example.com/hostile:1' } }),
  'has a status that says anything': with1({
    status: {
      observedGeneration: 7,
      certificates: [{ name: 'x', index: 0, state: 'Trusted', fingerprintSHA256: 'f'.repeat(64) }],
      conditions: [],
    },
  }),
  'has a creation time that is none': {
    once: (rig) => {
      const object = evil();
      rig.add({ ...object, metadata: { ...object.metadata, creationTimestamp: 'garbage' } });
    },
  },
  'has two hundred objects': {
    once: (rig) => rig.add(...Array.from({ length: 200 }, (_, n) => evil({ name: `hostile-${n}`, roots: [1] }))),
  },
};

/** From before the tenant comes until an hour after; the platform team edits its object meanwhile. */
async function play(hostility: Hostility | undefined) {
  const rig = memoryRig();
  rig.add(trust('p', [0], { namespace: 'platform', uid: 'uid-p', createdAt: START + SECOND }));
  hostility?.once?.(rig);
  const since = new Map<string, number>();
  let turn = 0;
  const follow = async (ms: number, what: string) => {
    const [begun, end] = [rig.now, rig.now + ms];
    while (rig.now < end) {
      hostility?.always?.(rig, (turn += 1));
      const { afterMs } = await rig.pass();
      if (!since.has(what) && isTrusted(rig)) since.set(what, rig.now - begun);
      rig.now = Math.min(end, rig.now + Math.max(afterMs, SECOND));
    }
  };
  await follow(10 * MINUTE, 'made');
  put(rig, trust('p', [0, 9], { namespace: 'platform', uid: 'uid-p', createdAt: START + SECOND, generation: 2 }));
  await follow(HOUR, 'edited');
  const { status } = rig.objects.get(PLATFORM)!;
  // How well the nodes of the cluster are known is everybody's, by whoever asked for the operator's way to see them.
  const conditions = status?.conditions?.map(({ type, status, reason, message }) => [
    ...[type, status, reason],
    ...(type === 'FullyCovered' ? [] : [message]),
  ]);
  return {
    end: { conditions, rows: status?.certificates, count: status?.certificateCount },
    took: Object.fromEntries(since),
    told: [
      JSON.stringify(status),
      ...rig.events.filter(({ object }) => object === PLATFORM).map(({ event }) => JSON.stringify(event)),
    ],
    list: rig.puts.at(-1)?.flat() ?? [],
  };
}

function isTrusted(rig: MemoryRig): boolean {
  const { status, metadata } = rig.objects.get(PLATFORM)!;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.reason === 'Trusted' && status?.observedGeneration === metadata.generation;
}

describe('an object on a cluster that a hostile object names as well', () => {
  it.each(Object.entries(HOSTILITIES))(
    'ends as it would without the other, in time, and hears nothing of it: the other %s',
    async (_what, hostility) => {
      const [calm, hostile] = [await play(undefined), await play(hostility)];
      expect(hostile.end).toEqual(calm.end);
      for (const what of ['made', 'edited'])
        expect(hostile.took[what]).toBeLessThanOrEqual(1.5 * calm.took[what]! + MINUTE);
      expect(hostile.list).toEqual(expect.arrayContaining([0, 9]));
      for (const text of hostile.told) expect(text).not.toMatch(MARK);
    },
    60_000,
  );
});
