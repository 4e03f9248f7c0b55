import { sentences } from '../api/sentences.ts';
import type { SigningRequest } from './evidence.ts';
import type { Use } from './kubelet-certificates.ts';
import { secondsOf } from './times.ts';

/** A request of a kubelet that got no certificate. */
export interface RequestTrouble {
  readonly node: string;
  readonly use: Use;
  /** What is the case, and what to do: whole sentences. */
  readonly message: string;
}

/** A request is answered within seconds; one that waits longer than this, in ms, is in trouble. */
const PATIENCE_MS = 10 * 60 * 1000;

const NOUNS: Readonly<Record<Use, string>> = { Client: 'client certificate', Serving: 'serving certificate' };

/**
 * The troubles of the requests, one for each node and use: refused ones, and those without an answer. A request counts only until a
 * later one of the same node and use got its certificate: a kubelet asks again.
 */
export function requestTroubles(requests: readonly SigningRequest[], now: number): readonly RequestTrouble[] {
  const byKubelet = Map.groupBy(requests, ({ node, use }) => `${use} ${node}`);
  return [...byKubelet.values()].flatMap((all) => {
    const sorted = [...all].sort((a, b) => a.createdAt - b.createdAt);
    const open = sorted.slice(sorted.findLastIndex(({ state }) => state === 'Issued') + 1);
    const shown = open.findLast(isRefused) ?? open.find(({ createdAt }) => now - createdAt > PATIENCE_MS);
    return shown ? [{ node: shown.node, use: shown.use, message: messageOf(shown) }] : [];
  });
}

function isRefused({ state }: SigningRequest): boolean {
  return state === 'Denied' || state === 'Failed';
}

function messageOf({ name, node, use, createdAt, state, refusal = '' }: SigningRequest): string {
  const request = `Request ${name} of node ${node} for a ${NOUNS[use]}`;
  const since = secondsOf(createdAt);
  switch (state) {
    case 'Denied':
      return sentences(`${request} was denied`, refusal, `See who did that with kubectl get csr ${name} -o yaml`);
    case 'Failed':
      return sentences(`${request} has failed: the authority did not sign it`, refusal);
    case 'Approved':
      return `${request} is approved since ${since}, and no certificate was issued. The control plane issues it: open a support request if this goes on.`;
    case 'Pending':
      return `${request} is pending since ${since}. AKS approves these requests by itself within seconds: see kubectl describe csr ${name}, and open a support request if this goes on.`;
    case 'Issued':
      return '';
  }
}
