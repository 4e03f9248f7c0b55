import { taskOf } from '../../../src/cluster/verify/pod-spec.ts';
import type { PodView } from '../../../src/cluster/verify/types.ts';
import type { WantedVerification } from '../../../src/cluster/verify/request.ts';
import { START } from '../../harness/build.ts';

export const OBJECT = 'uid-object';
export const KEY = 'aaaabbbbccccdddd';
const IMAGE = 'images.example.com/app:1';

/** A verification that pulls an image, unless it says otherwise. */
export function wantedVerification(options: Partial<WantedVerification> = {}): WantedVerification {
  return {
    kind: 'Verify',
    spec: { image: IMAGE },
    image: IMAGE,
    pullSecrets: [],
    namespace: 'aks-ca-trust-verify',
    key: KEY,
    listDigest: 'digest',
    expected: new Map(),
    complete: true,
    ...options,
  };
}

/** A pod that was made at {@link START} and of which nothing is known yet. */
export function pod(node: string, options: Partial<PodView> = {}): PodView {
  return {
    name: `verify-${node}`,
    uid: `pod-${node}`,
    object: OBJECT,
    key: KEY,
    node,
    nodeUid: `uid-${node}`,
    createdAt: START,
    terminating: false,
    phase: 'Pending',
    reason: '',
    message: '',
    container: { kind: 'None' },
    task: taskOf({ spec: { image: IMAGE }, image: IMAGE }, ''),
    ...options,
  };
}

export const PULLED: Partial<PodView> = {
  phase: 'Failed',
  container: { kind: 'Ended', exitCode: 128, reason: 'StartError', message: 'no such file or directory' },
};
export const UNKNOWN_SIGNER: Partial<PodView> = {
  container: {
    kind: 'Waiting',
    reason: 'ErrImagePull',
    message: 'failed to do request: x509: certificate signed by unknown authority',
  },
};
