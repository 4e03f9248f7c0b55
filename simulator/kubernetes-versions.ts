/** A minor version that AKS supports. */
export interface KubernetesVersionSeed {
  /** Such as `1.33`. */
  readonly version: string;
  /** Default: patches 1 to 3. */
  readonly patches?: readonly string[];
  /** Default `KubernetesOfficial` and `AKSLongTermSupport`. */
  readonly supportPlan?: readonly string[];
  readonly isDefault?: boolean;
  readonly isPreview?: boolean;
}

/** Three minor versions with both plans, older ones for the long plan only, and a preview (learn.microsoft.com/azure/aks/supported-kubernetes-versions). */
export const KUBERNETES_VERSIONS: readonly KubernetesVersionSeed[] = [
  { version: '1.30', supportPlan: ['AKSLongTermSupport'] },
  { version: '1.31', supportPlan: ['AKSLongTermSupport'] },
  { version: '1.32' },
  { version: '1.33', isDefault: true },
  { version: '1.34' },
  { version: '1.35', isPreview: true },
];
