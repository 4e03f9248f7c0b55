import { createFlagReader, readOutput } from '../client/flags.ts';
import type { ClientRequest } from '../client/session.ts';
import { OWN_NAMESPACE } from '../controller/config.ts';
import { VERSION_FLAGS, type VersionFlags } from './flags.ts';

export interface VersionRequest extends ClientRequest {
  /** True: the management cluster is not asked. */
  readonly client: boolean;
  /** Namespace of the controller. */
  readonly namespace: string;
  readonly output: 'text' | 'json';
}

export type VersionReading =
  { readonly ok: true; readonly request: VersionRequest } | { readonly ok: false; readonly faults: readonly string[] };

export function readVersionFlags(flags: VersionFlags): VersionReading {
  const { faults, text } = createFlagReader(VERSION_FLAGS, flags);
  const request: VersionRequest = {
    client: flags.client === true,
    namespace: text('namespace') ?? OWN_NAMESPACE,
    kubeconfig: text('kubeconfig'),
    context: text('context'),
    output: readOutput(text('output'), faults),
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, request };
}
