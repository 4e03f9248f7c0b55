import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { targetClusterPath } from '../../src/api/names.ts';
import { parseClusterId, recordName } from '../../src/api/resource-id.ts';
import {
  condition,
  entry,
  eventually,
  fingerprints,
  isReady,
  listed,
  roots,
  startRig,
  type Rig,
} from '../integration/rig.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const DEFINITION = `${DEFINITIONS}/targetclusters.aks-ca-trust.dev`;

interface Definition {
  spec: { versions: { schema: { openAPIV3Schema: object } }[] };
}

type Status = NonNullable<TargetCluster['status']>;

/** Records of a controller before operations had phases: while an operation runs, and at rest. Their object is team/a. */
const EARLIER = JSON.parse(readFileSync(new URL('./records-before-phases.json', import.meta.url), 'utf8')) as {
  readonly updating: Status;
  readonly idle: Status;
};

describe('a record of another version of the controller', () => {
  let rig: Rig;
  let cluster: SimulatedCluster;
  beforeAll(async () => {
    rig = await startRig();
  }, 180_000);
  afterEach(() => rig.cleanUp());
  afterAll(() => rig.stop());

  /** Stores a record as a version with another schema does: its own definition is there while it writes. */
  async function store(status: object): Promise<void> {
    const path = targetClusterPath(recordName(parseClusterId(cluster.resourceId)!));
    const own = await define({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    await eventually(async () => {
      await rig.admin.request({ method: 'DELETE', path }).catch(() => undefined);
      await rig.plantRecord(cluster.resourceId, { ...status, probe: true } as Status).catch(() => undefined);
      return ((await rig.record(cluster))?.status as { probe?: true } | undefined)?.probe;
    });
    await define(own);
    await eventually(async () => {
      const stored = await rig.record(cluster);
      return stored?.status && !('probe' in stored.status);
    });
  }

  /** Replaces the schema of the records, and returns the one before. */
  async function define(openAPIV3Schema: object): Promise<object> {
    const definition = (await rig.admin.request({ path: DEFINITION })) as Definition;
    const [version] = definition.spec.versions;
    const before = version!.schema.openAPIV3Schema;
    version!.schema.openAPIV3Schema = openAPIV3Schema;
    await rig.admin.request({ method: 'PUT', path: DEFINITION, body: definition });
    return before;
  }

  /** The record for the object and the cluster of this test, without what it only shows to people. */
  function ofThis({ conditions: _, ...status }: Status, uid: string): object {
    const text = JSON.stringify(status).replaceAll('team/a', `${rig.namespace}/a`).replaceAll('uid-a', uid);
    return { ...(JSON.parse(text) as object), resourceUID: cluster.resourceUid };
  }

  async function applied(...indexes: number[]): Promise<string> {
    const object = await rig.apply('a', cluster, { certificates: [entry('ca', ...roots(...indexes))] });
    return object.metadata.uid!;
  }

  const refuses = (message: string) =>
    rig.until(
      'a',
      (object) => {
        const ready = condition(object, 'Ready');
        return ready?.reason === 'RecordConflict' && ready.message.includes(message);
      },
      'refused in words',
    );

  it('at rest is read by this one, which sends nothing for it and knows what is managed', async () => {
    cluster = await rig.addCluster();
    cluster.setListSilently(roots(0).map(btoa));
    await store(ofThis(EARLIER.idle, await applied(0)));
    await rig.startController();
    await rig.until('a', isReady, 'Ready');
    expect(rig.puts(cluster)).toEqual([]);
    // Managed, so an edit takes it out. One that is only adopted would stay.
    await applied(1);
    await rig.until('a', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(1));
  }, 60_000);

  it('whose operation this one cannot read is refused in words and left alone, until that version has finished', async () => {
    cluster = await rig.addCluster();
    cluster.setListSilently(roots(0).map(btoa));
    const uid = await applied(0);
    await store(ofThis(EARLIER.updating, uid));
    const before = await rig.record(cluster);
    await rig.startController();
    await refuses('Run that version until the operation is complete.');
    expect(rig.puts(cluster)).toEqual([]);
    expect(await rig.record(cluster)).toEqual(before);
    await store(ofThis(EARLIER.idle, uid));
    await rig.until('a', isReady, 'Ready');
    expect(rig.puts(cluster)).toEqual([]);
  }, 60_000);

  it('with a kind of operation that only a newer one knows is refused in the same words by this one', async () => {
    cluster = await rig.addCluster();
    const uid = await applied(0);
    const { operation, ...rest } = EARLIER.updating;
    const newer = { ...operation, kind: 'ReplaceNetwork', phase: 'Rolling', replaceNetwork: { plugin: 'overlay' } };
    await store(ofThis({ ...rest, slots: [], operation: newer } as Status, uid));
    await rig.startController();
    await refuses('another version of the controller wrote');
    expect(rig.puts(cluster)).toEqual([]);
    // The newer one sees it through.
    await store(ofThis({ ...EARLIER.idle, slots: [] }, uid));
    await rig.until('a', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(0));
  }, 60_000);
});

describe('a kind that is new in a version', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  }, 180_000);
  afterAll(() => rig.stop());

  it('keeps the controller from beginning while its definition is missing, and no longer', async () => {
    const path = `${DEFINITIONS}/certificaterotations.aks-ca-trust.dev`;
    const definition = (await rig.admin.request({ path })) as { metadata: { resourceVersion?: string } };
    await rig.admin.request({ method: 'DELETE', path });
    const cluster = await rig.addCluster();
    await rig.apply('a', cluster, { certificates: [entry('ca', ...roots(0))] });
    const starting = rig.startController();
    const refused = (line: string) => line.includes('certificaterotations') && line.includes('404');
    await eventually(async () => rig.logs.some(refused));
    expect(rig.puts(cluster)).toEqual([]);
    delete definition.metadata.resourceVersion;
    await eventually(async () =>
      rig.admin.request({ method: 'POST', path: DEFINITIONS, body: definition }).then(
        () => true,
        () => false,
      ),
    );
    await starting;
    await rig.until('a', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(0));
  }, 60_000);
});
