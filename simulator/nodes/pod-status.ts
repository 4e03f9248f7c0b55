/** What a kubelet needs to know of a pod. */
export interface PodObject {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName: string;
    readonly containers: readonly { readonly name: string; readonly image?: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Whether a pod runs and is ready, or has ended for good: nothing is left for its kubelet to do. */
export function isRunning({ status }: PodObject): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  return (
    status?.phase === 'Running' && status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true
  );
}

/** The status of a pod whose containers all run and are ready, as a strategic merge patch. */
export function runningStatus({ spec }: PodObject, address: string, now: Date): object {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  return {
    phase: 'Running',
    startTime: at,
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: at,
      reason: null,
      message: null,
    })),
    containerStatuses: spec.containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: image,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: at } },
    })),
  };
}
