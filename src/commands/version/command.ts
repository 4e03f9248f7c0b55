import { escapeForDisplay } from '../../api/display.ts';
import { CONTROLLER_NAME } from '../../api/names.ts';
import { apiPath } from '../../api/paths.ts';
import { VERSION } from '../../api/version.ts';
import { versionOf, type Lease } from '../../kubernetes/client/lease.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import { readSchemaAges } from '../check/crds.ts';
import { isForbidden, messageOf } from '../check/finding.ts';
import { troubleOf } from '../client/errors.ts';
import type { Output } from '../client/output.ts';
import { interruptible } from '../client/interruptible.ts';
import { openManagement, type Management } from '../client/session.ts';
import { EXIT } from '../exit-codes.ts';
import type { VersionRequest } from './request.ts';

/** Longest wait for an answer of the management cluster, in ms. */
const TIMEOUT_MS = 10_000;

/** The versions that work together; an undefined part was not asked for. */
export interface Versions {
  readonly client: string;
  /** Of each controller that leads, one for each shard. */
  readonly controllers?: readonly { readonly lease: string; readonly version: string }[];
  /** How the resource definitions compare with this program: Same, Older, Newer, Differs or Missing. */
  readonly crds?: Readonly<Record<string, string>>;
  /** What could not be read, and why. */
  readonly problems: readonly string[];
}

interface Reading {
  readonly versions: Versions;
  /** Done where only rights are missing: the rest is shown without them. */
  readonly exitCode: number;
}

/** Prints the versions of this program, of the controller and of the CRDs. Resolves with the exit code. */
export function runVersion(request: VersionRequest): Promise<number> {
  return interruptible(async (output, signal) => {
    const { versions, exitCode } = request.client
      ? { versions: { client: VERSION, problems: [] }, exitCode: EXIT.Done }
      : await readVersions(request, signal);
    print(versions, request, output);
    return exitCode;
  });
}

async function readVersions(request: VersionRequest, signal: AbortSignal): Promise<Reading> {
  const problems = new Map<string, string>();
  let exitCode: number = EXIT.Done;
  const attempt = async <T>(work: Promise<T>, forbidden: string, server = ''): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      signal.throwIfAborted();
      if (!isForbidden(error)) exitCode = EXIT.Error;
      // Both reads fail alike where the API server does not answer, or not as one.
      const kind = error instanceof KubernetesError ? `${error.status} ${error.reason}` : messageOf(error);
      const key = isForbidden(error) ? forbidden : kind;
      if (!problems.has(key))
        problems.set(key, isForbidden(error) ? `${forbidden}: ${messageOf(error)}` : describe(error, server));
      return undefined;
    }
  };
  const management = await attempt(openManagement(request, 'version'), '');
  if (!management) return { versions: { client: VERSION, problems: [...problems.values()] }, exitCode };
  const { server } = management.connection;
  try {
    const [controllers, ages] = await Promise.all([
      attempt(
        controllersIn(management, request.namespace, signal),
        `The controller's version is not shown, because listing Leases in namespace ${request.namespace} is forbidden`,
        server,
      ),
      attempt(
        readSchemaAges(management, { ask: (to, asked) => to.request({ timeoutMs: TIMEOUT_MS, signal, ...asked }) }),
        'The CRDs are not compared, because reading their schemas is forbidden',
        server,
      ),
    ]);
    const versions: Versions = {
      client: VERSION,
      ...(controllers ? { controllers } : {}),
      ...(ages ? { crds: Object.fromEntries([...ages].map(([resource, { kind }]) => [resource, kind])) } : {}),
      problems: [...problems.values()],
    };
    return { versions, exitCode };
  } finally {
    await management.connection.close();
  }
}

function describe(error: unknown, server: string): string {
  return error instanceof KubernetesError && error.status !== 404 ? troubleOf(error, server) : messageOf(error);
}

/** A controller writes its version to its Lease. */
async function controllersIn({ connection }: Management, namespace: string, signal: AbortSignal) {
  const path = apiPath('/apis/coordination.k8s.io/v1', 'namespaces', namespace, 'leases');
  const { items } = (await connection.request({ path, signal, timeoutMs: TIMEOUT_MS })) as { items: Lease[] };
  return items.flatMap((lease) => {
    const { name } = lease.metadata;
    const version = name.startsWith(CONTROLLER_NAME) ? versionOf(lease) : undefined;
    return version === undefined ? [] : [{ lease: name, version }];
  });
}

function print({ client, controllers, crds, problems }: Versions, { output: format }: VersionRequest, output: Output) {
  if (format === 'json') {
    output.write(`${JSON.stringify({ format: 1, client, controllers, crds, problems }, undefined, 2)}\n`);
    return;
  }
  const shown = (text: string) => escapeForDisplay(text, 1024);
  const line = (name: string, text: string) => output.write(`${name.padEnd(20)} ${text}\n`);
  line('client', client);
  for (const { lease, version } of controllers ?? []) line('controller', `${shown(version)} (Lease ${shown(lease)})`);
  if (controllers?.length === 0) line('controller', 'none has led in this namespace');
  for (const [resource, age] of Object.entries(crds ?? {})) line(resource, AGES[age] ?? age);
  for (const problem of problems) output.warn(`aks-ca-trust: ${shown(problem)}\n`);
}

const AGES: Readonly<Record<string, string>> = {
  Same: 'the CRD of this version',
  Older: 'an older CRD than that of this version',
  Newer: 'a newer CRD than that of this version',
  Differs: 'the CRD of another version',
  Missing: 'no CRD',
};
