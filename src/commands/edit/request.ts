import type { ClientRequest } from '../client/session.ts';
import { createFlagReader, longForm } from '../client/flags.ts';
import { readObjectName, ROTATION } from '../client/object-name.ts';
import { WAIT_FLAGS, type EditFlags } from './flags.ts';

/** How one object is to be changed. */
export type Edit = 'Reconcile' | 'Suspend' | 'Resume';

/** The kinds of objects that can be changed. */
export type EditedKind = 'CustomCATrust' | 'CertificateRotation';

export interface EditRequest extends ClientRequest {
  readonly edit: Edit;
  readonly kind: EditedKind;
  readonly name: string;
  /** Undefined stands for the namespace of the kubeconfig's context. */
  readonly namespace: string | undefined;
  readonly wait: boolean;
  /** As for `status --watch`, in ms. */
  readonly timeout: number;
  readonly patience: number;
}

export type EditReading =
  { readonly ok: true; readonly request: EditRequest } | { readonly ok: false; readonly faults: readonly string[] };

export function readEditFlags(edit: Edit, argument: string, flags: EditFlags): EditReading {
  const { faults, text, duration } = createFlagReader(WAIT_FLAGS, flags);
  const kind = ROTATION.test(argument) ? 'CertificateRotation' : 'CustomCATrust';
  const { name = '', namespace } = readObjectName(argument.replace(ROTATION, ''), text('namespace'), faults);
  const wait = flags.wait === true;
  for (const flag of ['timeout', 'patience'] as const)
    if (!wait && flags[flag] !== undefined) faults.push(`${longForm(WAIT_FLAGS[flag])} needs --wait`);
  const request: EditRequest = {
    edit,
    kind,
    name,
    namespace,
    kubeconfig: text('kubeconfig'),
    context: text('context'),
    wait,
    timeout: duration('timeout', Infinity, 'is not 0'),
    patience: duration('patience', 300_000, 'can be 0'),
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, request };
}
