import { entry, isReady, roots, SEES_NODES, startRig, type Rig } from '../../test/integration/rig.ts';
import { eventually } from '../../test/eventually.ts';
import type { Figure } from '../figure.ts';

const PASSES = 20;
const OBJECTS = 3;
/** Between two looks at a cluster at rest, in ms. */
const DRIFT = 100;

/** Measures what passes over a cluster at rest cost, between a real API server and the simulator: nothing may be parsed or written. */
export async function measureNoOpPass(): Promise<Figure[]> {
  const rig = await startRig();
  try {
    return await measure(rig);
  } finally {
    await rig.stop();
  }
}

async function measure(rig: Rig): Promise<Figure[]> {
  const cluster = await rig.addCluster({ nodes: true });
  const names = Array.from({ length: OBJECTS }, (_, index) => `trust-${index}`);
  for (const [index, name] of names.entries()) {
    const certificates = [entry('a', ...roots(3 * index, 3 * index + 1)), entry('b', ...roots(3 * index + 2))];
    await rig.apply(name, cluster, { target: SEES_NODES, certificates });
  }
  const controller = await rig.startController({ timing: { drift: DRIFT } });
  for (const name of names) await rig.until(name, isReady, 'Ready');
  const passes = () => rig.logs.filter((line) => line.includes('"msg":"The reconcile sent nothing."')).length;
  const another = async (count: number) => {
    const until = passes() + count;
    await eventually(async () => passes() >= until);
  };
  // What the last change still had to say is said.
  await another(2);

  const before = await look(rig, controller.reader.statistics());
  const passesBefore = passes();
  rig.simulator.clearJournal();
  await another(PASSES);
  const passed = passes() - passesBefore;
  const requests = rig.simulator.journal();
  const after = await look(rig, controller.reader.statistics());

  const written = [...after.versions].filter(([object, version]) => before.versions.get(object) !== version);
  const gone = [...before.versions.keys()].filter((object) => !after.versions.has(object));
  const puts = requests.filter(({ method }) => method !== 'GET').length;
  const detail = `${passed} passes over one cluster at rest, ${OBJECTS} objects with ${3 * OBJECTS} certificates`;
  return [
    { name: 'certificates parsed again', value: after.misses - before.misses, unit: '', limit: 0, detail },
    {
      name: 'objects written in the API server',
      value: written.length + gone.length,
      unit: '',
      limit: 0,
      detail: `of ${after.versions.size}, events included, by their resourceVersion`,
    },
    { name: 'writes to ARM', value: puts, unit: '', limit: 0, detail: `of ${requests.length} requests` },
    // The pass that is under way when we count may have asked already.
    { name: 'reads of ARM a pass', value: requests.length / passed, unit: '', limit: (passed + 1) / passed },
  ];
}

/** Where everything that the controller could write stands, and what its reader has parsed. */
async function look(rig: Rig, { misses }: { misses: number }) {
  const collections = [
    '/apis/aks-ca-trust.dev/v1alpha1/customcatrusts',
    '/apis/aks-ca-trust.dev/v1alpha1/targetclusters',
    '/apis/events.k8s.io/v1/events',
    `/api/v1/namespaces/${rig.namespace}/secrets`,
  ];
  const versions = new Map<string, string>();
  for (const path of collections) {
    const { items } = (await rig.admin.request({ path })) as {
      items: { metadata: { uid: string; resourceVersion: string } }[];
    };
    for (const { metadata } of items) versions.set(`${path} ${metadata.uid}`, metadata.resourceVersion);
  }
  return { misses, versions };
}
