import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../api/generated/targetclusters.ts';
import type { Packing } from '../kubernetes/cache/packing.ts';

type Entry = NonNullable<CustomCATrust['spec']['certificates']>[number];

/** Objects without their PEM: the same few authorities are in most of them, and each text is kept once. */
export const TRUSTS: Packing<CustomCATrust> = {
  lift(object) {
    const { certificates, ...spec } = object.spec;
    const entries = certificates?.map(({ pem: _, ...entry }) => entry);
    return {
      rest: { ...object, spec: { ...spec, ...(entries ? { certificates: entries } : {}) } },
      texts: certificates?.map(({ pem }) => pem) ?? [],
    };
  },
  restore({ rest, texts }) {
    const object = rest as CustomCATrust;
    const { certificates, ...spec } = object.spec;
    const entries = certificates?.map((entry, index): Entry => ({ ...entry, pem: texts[index] ?? '' }));
    return { ...object, spec: { ...spec, ...(entries ? { certificates: entries } : {}) } };
  },
};

/** Records hold no text that others have as well. */
export const RECORDS: Packing<TargetCluster> = {
  lift: (record) => ({ rest: record, texts: [] }),
  restore: ({ rest }) => rest as TargetCluster,
};
