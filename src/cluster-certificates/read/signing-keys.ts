import { listAt, textAt } from '../../kubernetes/untrusted/untyped.ts';
import { overAccess } from './over-access.ts';
import type { EvidenceReader } from './source.ts';

const PATH = '/openid/v1/jwks';
/** The API server serves nothing else there. */
const ACCEPT = 'application/jwk-set+json';
/** Base64url of a SHA-256 in kube-apiserver (pkg/serviceaccount, keyIDFromPublicKey). */
const KEY_ID = /^[\x21-\x7e]{1,128}$/;
/** AKS has two keys for a day after they were rotated. */
const MOST_KEYS = 16;

/** The ids of the keys that sign service account tokens. */
export const signingKeys: EvidenceReader = {
  members: ['signingKeys'],
  noun: 'The keys of service accounts',
  async read(reading) {
    const found = await overAccess(reading, {
      noun: `the keys of service accounts (${PATH})`,
      right: `get the URL ${PATH}`,
      source: PATH,
      async read(connection, signal) {
        const keys = listAt(await connection.request({ path: PATH, accept: ACCEPT, signal }), 'keys');
        if (keys.length === 0) throw new Error('the answer has no keys');
        if (keys.length > MOST_KEYS) throw new Error(`the answer has more than ${MOST_KEYS} keys`);
        const ids = keys.map((key) => textAt(key, 'kid') ?? '');
        if (!ids.every((id) => KEY_ID.test(id))) throw new Error('the answer has a key without a usable id');
        return [...new Set(ids)].sort();
      },
    });
    return found ? { signingKeys: found } : {};
  },
};
