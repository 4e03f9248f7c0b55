/** How much is measured. */
export interface LoadOptions {
  readonly startups: number;
  /** New objects, and edits, one after another. */
  readonly samples: number;
  /** Clusters of a burst. */
  readonly clusters: number;
  readonly bursts: number;
  /** Objects at rest. */
  readonly objects: number;
  /** How long rest is watched, in seconds. */
  readonly restSeconds: number;
}

export const FULL: LoadOptions = {
  startups: 7,
  samples: 200,
  clusters: 1000,
  bursts: 3,
  objects: 10_000,
  restSeconds: 60,
};

/** A smaller run with so many objects at rest, and no more than that of anything else. */
export function smaller(objects: number): LoadOptions {
  return {
    ...FULL,
    objects,
    clusters: Math.min(FULL.clusters, objects),
    samples: Math.min(FULL.samples, objects),
    bursts: 1,
    restSeconds: 20,
  };
}
