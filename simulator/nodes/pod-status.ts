/** The parts of a pod that a kubelet needs. */
export interface PodObject {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName: string;
    readonly restartPolicy?: string;
    readonly containers: readonly Container[];
    readonly volumes?: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: Waiting } }[];
  };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode: number;
  /** Default: `Completed`, or `Error`. */
  readonly reason?: string;
  /** The termination message. */
  readonly message?: string;
}

interface Waiting {
  readonly reason?: string;
  readonly message?: string;
}

/** A kubelet's next step with a pod. */
export type PodStep = { readonly kind: 'Start' } | { readonly kind: 'BackOff'; readonly message: string } | undefined;

/** Undefined when nothing is left to do: the pod runs and is ready, has ended for good, or waits for an image. */
export function nextStep({ spec, status }: PodObject): PodStep {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined;
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting !== undefined)?.state?.waiting;
  if (waiting?.reason === 'ImagePullBackOff') return undefined;
  if (waiting?.reason === 'ErrImagePull') {
    const image = spec.containers[0]?.image ?? '';
    return { kind: 'BackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${waiting.message ?? ''}` };
  }
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return status?.phase === 'Running' && ready ? undefined : { kind: 'Start' };
}

// Patches of a pod's status, as strategic merge patches.

/** All containers run and are ready. */
export function runningStatus(pod: PodObject, address: string, now: Date): object {
  const at = seconds(now);
  return {
    ...started(address, at),
    phase: 'Running',
    conditions: conditions('True', at),
    containerStatuses: pod.spec.containers.map((container) => ({
      ...pulled(container),
      ready: true,
      started: true,
      state: { running: { startedAt: at } },
    })),
  };
}

/** All containers have ended alike, and are not to be started again. */
export function endedStatus(pod: PodObject, address: string, end: ContainerEnd, now: Date): object {
  const at = seconds(now);
  const { exitCode, reason = exitCode === 0 ? 'Completed' : 'Error', message } = end;
  return {
    ...started(address, at),
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    conditions: conditions('False', at),
    containerStatuses: pod.spec.containers.map((container) => ({
      ...pulled(container),
      ready: false,
      started: false,
      state: { terminated: { exitCode, reason, message, startedAt: at, finishedAt: at } },
    })),
  };
}

/** No container has been started: an image is missing. */
export function waitingStatus(pod: PodObject, address: string, waiting: Waiting, now: Date): object {
  const at = seconds(now);
  return {
    ...started(address, at),
    phase: 'Pending',
    conditions: conditions('False', at),
    containerStatuses: pod.spec.containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: '',
      restartCount: 0,
      ready: false,
      started: false,
      state: { waiting },
    })),
  };
}

function started(address: string, at: string): object {
  return { startTime: at, podIP: address, podIPs: [{ ip: address }] };
}

function pulled({ name, image = '' }: Container): object {
  return { name, image, imageID: image, restartCount: 0 };
}

function conditions(ready: 'True' | 'False', at: string): object[] {
  const states = { Initialized: 'True', ContainersReady: ready, Ready: ready };
  return Object.entries(states).map(([type, status]) => ({ type, status, lastTransitionTime: at }));
}

function seconds(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}
