import { pullRefusal } from './image-pull.ts';
import type { RegistrySeed } from './image-pull.ts';
import type { ContainerEnd, PodObject } from './pod-status.ts';

/** The fate of containers on the machines of a cluster. */
export interface ContainerRuntime {
  /** Why a pod's images cannot be had by its node; undefined when they can. */
  refusal(pod: PodObject): string | undefined;
  /** Lets the containers of a pod that is not to be restarted run to their end. */
  run(pod: PodObject): Promise<ContainerEnd>;
}

/** Images from registries of one's own are pulled where the node trusts them; containers that are to end do so at once, and well. */
export function containerRuntime(
  registries: readonly RegistrySeed[],
  trustedBy: (node: string) => readonly string[],
  run: ((pod: PodObject) => ContainerEnd | Promise<ContainerEnd>) | undefined,
): ContainerRuntime {
  return {
    refusal({ spec }) {
      const trusted = trustedBy(spec.nodeName);
      for (const { image = '', imagePullPolicy } of spec.containers) {
        const refused = imagePullPolicy === 'Never' ? undefined : pullRefusal(image, registries, trusted);
        if (refused !== undefined) return refused;
      }
      return undefined;
    },
    run: async (pod) => (await run?.(pod)) ?? { exitCode: 0 },
  };
}
