/** Between which numbers a flag is. The schema of the Helm chart has the same bounds. */
export const NUMBERS = { workers: [1, 1000], maxChangingClusters: [0, 100_000] } as const satisfies Record<
  string,
  readonly [least: number, most: number]
>;

/** What texts look like. The schema of the Helm chart has the same patterns, which Go reads: no lookahead. */
export const FORMS = {
  armApiVersion: /^\d{4}-\d{2}-\d{2}(-preview)?$/,
  tenantId: /^[\w.-]+$/,
  verifyNamespace: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
} as const;
