import { parseClusterId, type ClusterId } from '../../api/resource-id.ts';
import { isDnsLabel, isDnsName } from '../../kubernetes/untrusted/untyped.ts';
import { AZURE_FLAGS } from '../certs/flags.ts';
import { azureOf, type AzureConfig } from '../certs/request.ts';
import { createFlagReader } from '../client/flags.ts';
import { pathFaults, type PasswordSource } from '../lint/request.ts';
import { ALL_CONVERT_FLAGS, type ConvertFlags } from './flags.ts';

const FORMS = ['pem', 'az-file', 'arm-json', 'terraform', 'manifest'] as const;

/** What is written, as it is named on the command line. */
export type TargetForm = (typeof FORMS)[number];

/** The object that a manifest has. */
export interface ManifestNames {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly target: ClusterId;
}

/** Where certificates come from. */
export type ConvertInput =
  /** Files and folders; `-` is standard input. */
  | { readonly kind: 'Files'; readonly paths: readonly string[]; readonly password: PasswordSource }
  /** The list of a cluster, from ARM. */
  | { readonly kind: 'Cluster'; readonly id: ClusterId; readonly azure: AzureConfig };

export interface ConvertRequest {
  readonly input: ConvertInput;
  readonly to:
    { readonly form: Exclude<TargetForm, 'manifest'> } | { readonly form: 'manifest'; readonly names: ManifestNames };
}

export type ConvertReading =
  { readonly ok: true; readonly request: ConvertRequest } | { readonly ok: false; readonly faults: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

export function readConvertFlags(paths: readonly string[], flags: ConvertFlags, env: Environment): ConvertReading {
  const { faults, text } = createFlagReader(ALL_CONVERT_FLAGS, flags);
  const typed = text('to');
  const form = FORMS.find((one) => one === typed);
  if (form === undefined) faults.push(typed === undefined ? NO_FORM : `--to is "${typed}"; it can be ${CHOICES}`);
  const from = clusterId('--from-cluster', text('fromCluster'), faults);
  const names = namesOf(
    { name: text('name'), namespace: text('namespace'), target: text('target') },
    from,
    form,
    faults,
  );
  // Read for the empty ones among them: an unset variable of a script would otherwise choose another sign-in.
  for (const flag of Object.keys(AZURE_FLAGS)) text(flag as keyof typeof AZURE_FLAGS);
  const input = inputOf(paths, from, { file: text('passwordFile'), value: env['PKCS12_PASSWORD'] }, flags, env, faults);
  if (faults.length > 0 || form === undefined || input === undefined) return { ok: false, faults };
  if (form !== 'manifest') return { ok: true, request: { input, to: { form } } };
  return names === undefined ? { ok: false, faults } : { ok: true, request: { input, to: { form, names } } };
}

const CHOICES = 'pem, az-file, arm-json, terraform or manifest';
const NO_FORM = `--to is missing; it can be ${CHOICES}`;
const NO_INPUT =
  'there is nothing to read: name a file, a folder, - for standard input, or a cluster with --from-cluster';
const BOTH = '--from-cluster reads ARM, and no file: leave one of them out';
const NO_TARGET =
  '--to manifest needs --target with the resource id of the cluster; `az aks show --query id` prints it';

function inputOf(
  paths: readonly string[],
  from: ClusterId | undefined,
  password: PasswordSource,
  flags: ConvertFlags,
  env: Environment,
  faults: string[],
): ConvertInput | undefined {
  faults.push(...pathFaults(paths));
  const fromCluster = flags.fromCluster !== undefined;
  if (fromCluster === paths.length > 0) faults.push(fromCluster ? BOTH : NO_INPUT);
  if (!fromCluster) return { kind: 'Files', paths, password };
  const azure = azureOf(flags, env, faults);
  return from && azure && { kind: 'Cluster', id: from, azure };
}

function namesOf(
  typed: {
    readonly name: string | undefined;
    readonly namespace: string | undefined;
    readonly target: string | undefined;
  },
  from: ClusterId | undefined,
  form: TargetForm | undefined,
  faults: string[],
): ManifestNames | undefined {
  const target = clusterId('--target', typed.target, faults) ?? from;
  const { name = 'roots', namespace } = typed;
  if (form !== undefined && form !== 'manifest') {
    for (const [flag, value] of Object.entries(typed))
      if (value !== undefined) faults.push(`--${flag} is for --to manifest`);
    return undefined;
  }
  if (!isDnsName(name)) faults.push(`--name is "${name}", which is not the name of an object`);
  if (namespace !== undefined && !isDnsLabel(namespace))
    faults.push(`--namespace is "${namespace}", which is not the name of a namespace`);
  if (form === 'manifest' && target === undefined && typed.target === undefined) faults.push(NO_TARGET);
  return target && { name, namespace, target };
}

function clusterId(flag: string, typed: string | undefined, faults: string[]): ClusterId | undefined {
  if (typed === undefined) return undefined;
  const id = parseClusterId(typed);
  if (id === undefined) faults.push(`${flag} is "${typed}"; \`az aks show --query id\` prints the id of a cluster`);
  return id;
}
