import { Counter, Gauge, type Registry } from 'prom-client';
import { MAX_POLICY_LENGTH, readPolicy } from '../../policy/read-policy.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Part } from '../../runtime/manager.ts';
import { readBoundedFile, watchFile } from '../../runtime/watched-file.ts';
import { ConfigurationError } from '../configuration-error.ts';

/** The policy file of a running controller. */
export interface PolicyFile {
  /** The last policy that could be read. */
  current(): Policy;
  /** Reads the file again when it changes. */
  readonly part: Part;
}

export interface PolicyFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Called after the policy has changed. */
  readonly onChange: (before: Policy, after: Policy) => void;
}

/** A character of UTF-8 has at most four bytes. */
export const MAX_POLICY_BYTES = 4 * MAX_POLICY_LENGTH;

/**
 * Reads the policy file for the start of the controller.
 *
 * @throws ConfigurationError that names the file, the line and the fault
 */
export async function openPolicyFile(options: PolicyFileOptions): Promise<PolicyFile> {
  const { path, clock, logger, registry, onChange } = options;
  const text = await readBoundedFile(path, MAX_POLICY_BYTES).catch((error: Error) => {
    throw new ConfigurationError(`The policy file ${path} cannot be read: ${error.message}`);
  });
  const first = readPolicy(text);
  if (!first.ok) throw new ConfigurationError(`The policy file ${path} cannot be used. ${first.message}`);
  warn(first.warnings);

  const { valid, reloads } = exposePolicyFile(registry);
  let current = first.policy;

  function refuse(fault: string): void {
    valid.set(0);
    reloads.inc({ result: 'refused' });
    logger.warn({ path, fault }, 'The policy file cannot be used: the last good one stays in force.');
  }

  function warn(warnings: readonly string[]): void {
    for (const warning of warnings) logger.warn({ path, warning }, 'A line of the policy file has no effect.');
  }

  return {
    current: () => current,
    part: {
      name: 'policy file',
      run: ({ stop }) =>
        watchFile(
          {
            path,
            maxBytes: MAX_POLICY_BYTES,
            text,
            clock,
            onChange(news) {
              if ('error' in news) {
                refuse(news.error.message);
                return;
              }
              const reading = readPolicy(news.text);
              if (!reading.ok) {
                refuse(reading.message);
                return;
              }
              warn(reading.warnings);
              valid.set(1);
              reloads.inc({ result: 'applied' });
              logger.info({ path }, 'The policy file has changed and is in force.');
              const before = current;
              current = reading.policy;
              onChange(before, current);
            },
          },
          stop,
        ),
    },
  };
}

/** The metrics of a policy file that is in force. */
export function exposePolicyFile(registry: Registry) {
  const registers = [registry];
  const valid = new Gauge({
    name: 'aks_ca_trust_policy_file_valid',
    help: '1 while the present policy file is in force, 0 while it cannot be used and the last good one stays in force.',
    registers,
  });
  const reloads = new Counter({
    name: 'aks_ca_trust_policy_reloads_total',
    help: 'Changes of the policy file, by result: applied, or refused (the last good one stays in force).',
    labelNames: ['result'],
    registers,
  });
  for (const result of ['applied', 'refused']) reloads.inc({ result }, 0);
  valid.set(1);
  return { valid, reloads };
}
