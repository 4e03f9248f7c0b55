import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../api/generated/targetclusters.ts';
import type { Packing } from '../kubernetes/cache/packing.ts';

type Entry = NonNullable<CustomCATrust['spec']['certificates']>[number];

/** Packs objects without their PEM texts. Most objects have the same few authorities, so each text is stored once. */
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

/** Packs records whole: they share no texts. */
export const RECORDS: Packing<TargetCluster> = {
  lift: (record) => ({ rest: record, texts: [] }),
  restore: ({ rest }) => rest as TargetCluster,
};
