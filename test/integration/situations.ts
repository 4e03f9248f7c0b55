import { API_VERSION } from '../../src/api/names.ts';
import type { Connection } from '../../src/kubernetes/client/connection.ts';
import { openWatch } from '../../src/kubernetes/client/watch.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { eventually } from '../eventually.ts';
import { canJudge, wrongVerdicts, type Judged } from '../gitops/verdicts.ts';

/** Every state that the objects of a test file go through. */
export interface Situations {
  stop(): void;
  /** Ends the watches. @throws Error where kstatus or Argo CD take one of the states for another than it is */
  check(): Promise<void>;
}

/** Watches the objects of a namespace, and the records of all clusters. */
export function collectSituations(connection: Connection, namespace: string): Situations {
  if (!canJudge()) return { stop: () => {}, check: async () => {} };
  const stop = new AbortController();
  const seen = new Map<string, Judged>();
  const own = ['customcatrusts', 'certificaterotations'].map((kind) => `namespaces/${namespace}/${kind}`);
  const watches = [...own, 'targetclusters'].map(watch);
  return {
    stop: () => stop.abort(),
    async check() {
      stop.abort();
      await Promise.all(watches);
      const wrong = wrongVerdicts([...seen.values()]);
      if (wrong.length > 0) throw new Error(`${wrong.length} of ${seen.size} states: ${wrong.slice(0, 5).join('\n')}`);
    },
  };

  async function watch(collection: string): Promise<void> {
    const path = `/apis/${API_VERSION}/${collection}`;
    while (!stop.signal.aborted) {
      try {
        const events = await openWatch<KubernetesObject & Judged>(connection, path, {
          resourceVersion: undefined,
          timeoutSeconds: 600,
          signal: stop.signal,
        });
        for await (const event of events) if (event.type !== 'BOOKMARK') keep(event.object);
      } catch {
        // A kind that is new, or was taken away, cannot be watched for a moment. Each watch begins with all objects.
        await eventually(async () => stop.signal.aborted || (await isThere(path)), 120_000);
      }
    }
  }

  async function isThere(path: string): Promise<boolean> {
    return connection.request({ path }).then(
      () => true,
      () => false,
    );
  }

  function keep({ kind, metadata, status }: Judged): void {
    // A record that a test made, and no controller has written yet.
    if (kind === 'TargetCluster' && !status?.conditions) return;
    const { name, generation, deletionTimestamp } = metadata;
    const judged: Judged = {
      kind,
      metadata: {
        name,
        ...(generation === undefined ? {} : { generation }),
        ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      },
      ...(status ? { status: { ...pick(status) } } : {}),
    };
    seen.set(JSON.stringify(judged), judged);
  }
}

function pick({ observedGeneration, conditions }: NonNullable<Judged['status']>): Judged['status'] {
  return {
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
