import type { ClusterId } from '../../src/api/resource-id.ts';
import type { ArmTransport } from '../../src/azure/transport.ts';
import { createArm, type Exchange, type Model } from './arm.ts';
import { ASSUMPTIONS, type Answer, type AssumptionId } from './assumptions.ts';
import { makeAuthorities } from './authorities.ts';
import { emptyList, eTags, oneChange, otherLists } from './changes.ts';
import { Lab } from './lab.ts';
import type { NodeWatch } from './nodes.ts';
import { abort, rotate, stopAndStart } from './optional.ts';
import { readOnly } from './reads.ts';
import { createRedaction } from './redact.ts';
import { refusals } from './refusals.ts';

/** A cluster has to have this tag: the check changes it, and replaces its nodes again and again. */
export const CONSENT_TAG = 'aks-ca-trust-live-check';

export interface LiveCheckOptions {
  readonly transport: ArmTransport;
  readonly id: ClusterId;
  readonly nodes: NodeWatch | undefined;
  readonly abort: boolean;
  readonly stop: boolean;
  readonly rotate: boolean;
  readonly say: (line: string) => void;
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => number;
  readonly pollMs: number;
  readonly patienceMs: number;
}

export interface Findings {
  readonly answers: ReadonlyMap<AssumptionId, Answer>;
  readonly exchanges: readonly Exchange[];
  readonly redact: (text: string) => string;
  /** Why it ended early; the answers until then are kept. */
  readonly broken?: string;
}

/** Why this cluster must not be touched; undefined where it may. */
export function objectionTo({ tags, properties }: Model): string | undefined {
  if (tags?.[CONSENT_TAG]?.toLowerCase() !== 'yes')
    return `The cluster has no tag ${CONSENT_TAG}=yes. Set it on a cluster that may be lost: its nodes are replaced many times.`;
  if (properties.provisioningState?.toLowerCase() !== 'succeeded')
    return `The cluster is ${properties.provisioningState ?? 'in no known state'}. Begin when it is Succeeded.`;
  if ((properties.securityProfile?.customCATrustCertificates ?? []).length > 0)
    return 'The cluster has custom certificate authorities already, which would be lost. Begin with an empty list.';
  return undefined;
}

/** Asks AKS about every assumption, and leaves the cluster with an empty list unless it ends early. Throws where the cluster must not be touched. */
export async function runLiveCheck(options: LiveCheckOptions): Promise<Findings> {
  const { id, say, now } = options;
  const exchanges: Exchange[] = [];
  const arm = createArm({ ...options, note: (exchange) => exchanges.push(exchange) });
  const { model } = await arm.read();
  const objection = objectionTo(model);
  if (objection !== undefined) throw new Error(objection);
  const redact = createRedaction({
    [id.subscriptionId]: 'subscription',
    [id.resourceGroup]: 'group',
    [id.name]: 'cluster',
    [model.properties.nodeResourceGroup ?? '']: 'node-group',
  });
  const lab = new Lab({ ...options, arm });
  const pems = await makeAuthorities(11, now());
  const [a = '', b = ''] = pems.map((pem) => Buffer.from(pem).toString('base64'));
  const steps: readonly (readonly [string, () => Promise<void>])[] = [
    ['Reads', () => readOnly(lab)],
    ['Lists that should be refused', () => refusals(lab, pems)],
    ['An empty list to begin with', async () => void (await lab.change('no certificate', []))],
    ['One change', () => oneChange(lab, a, b)],
    ['Other lists', () => otherLists(lab, a, b)],
    ['ETags', () => eTags(lab)],
    ['No certificate', () => emptyList(lab)],
    ...(options.abort ? [['An aborted change', () => abort(lab, a)] as const] : []),
    ...(options.stop ? [['A stopped cluster', () => stopAndStart(lab, a)] as const] : []),
    ...(options.rotate ? [['Rotation of the cluster’s own certificates', () => rotate(lab)] as const] : []),
    ['Leaving', async () => void (await lab.change('no certificate', []))],
  ];
  let broken: string | undefined;
  for (const [title, step] of steps) {
    say(title);
    try {
      await step();
    } catch (error) {
      broken = `${title}: ${error instanceof Error ? error.message : String(error)}`;
      say(`  The check ends here. ${broken}`);
      say('  The cluster may still have certificates of the check, and a change may be running. Delete the cluster.');
      break;
    }
  }
  for (const unasked of Object.keys(ASSUMPTIONS) as AssumptionId[])
    if (!lab.answers.has(unasked)) lab.answer(unasked, undefined, 'not asked');
  return { answers: lab.answers, exchanges, redact, ...(broken === undefined ? {} : { broken }) };
}
