import { LineCounter, parseAllDocuments } from 'yaml';
import {
  canMatchCluster,
  createPolicy,
  NODE_ACCESS,
  OPT_IN_RIGHTS,
  optInRights,
  VERIFY,
  type NodeAccessRule,
  type Policy,
  type PolicyRule,
} from './policy.ts';
import { readPrometheus } from './prometheus.ts';
import { Shape, ShapeError } from './shape.ts';

export type PolicyReading =
  | {
      readonly ok: true;
      readonly policy: Policy;
      /** Lines without effect, each in a whole sentence. */
      readonly warnings: readonly string[];
    }
  /** The line, and the fault, in a whole sentence. */
  | { readonly ok: false; readonly message: string };

/** Far above what people write by hand; a ConfigMap holds at most 1 MiB. */
export const MAX_POLICY_LENGTH = 256 * 1024;

/** Members beside `rules`, each a list with an entry for some clusters. */
const LISTS = ['nodeAccess', 'prometheus'] as const;

/** Reads the text of a policy file. An unknown member is refused by name: a misspelt rule must not allow less than intended. */
export function readPolicy(text: string): PolicyReading {
  if (text.length > MAX_POLICY_LENGTH)
    return { ok: false, message: `The file is longer than ${MAX_POLICY_LENGTH} characters.` };
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  if (!Array.isArray(documents) || documents.length !== 1 || documents[0] === undefined)
    return {
      ok: false,
      message: 'The file needs exactly one YAML document. To allow nothing, write "rules: []".',
    };
  const [document] = documents;
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    return { ok: false, message: `Line ${line}: The file is not valid YAML: ${error.message}.` };
  }
  if (document.contents === null)
    return { ok: false, message: 'Line 1: The file is empty. To allow nothing, write "rules: []".' };
  try {
    const root = new Shape(document.contents, '', lines).mapping(['rules', ...LISTS]);
    const warnings: string[] = [];
    const rules = root.required('rules').items(readRule);
    const nodeAccess = root.optional('nodeAccess')?.items(readNodeAccess) ?? [];
    const prometheus = root.optional('prometheus')?.items(readPrometheus) ?? [];
    for (const name of ['rules', ...LISTS])
      for (const entry of root.optional(name)?.entries() ?? []) warnings.push(...hopeless(entry));
    return { ok: true, policy: createPolicy({ rules, nodeAccess, prometheus }), warnings };
  } catch (fault) {
    if (fault instanceof ShapeError) return { ok: false, message: fault.message };
    throw fault;
  }
}

function readRule(shape: Shape): PolicyRule {
  const rule = shape.mapping(['namespaces', 'clusters', 'nodeAccess', 'verify', ...OPT_IN_RIGHTS]);
  return {
    namespaces: rule.required('namespaces').items((one) => one.text()),
    clusters: rule.required('clusters').items((one) => one.text()),
    nodeAccess: rule.optional('nodeAccess')?.items((one) => one.oneOf(NODE_ACCESS)) ?? [],
    verify: rule.optional('verify')?.items((one) => one.oneOf(VERIFY)) ?? [],
    ...optInRights((right) => rule.optional(right)?.boolean() ?? false),
  };
}

function readNodeAccess(shape: Shape): NodeAccessRule {
  const rule = shape.mapping(['clusters', 'kubeconfigSecretRef']);
  const reference = rule.required('kubeconfigSecretRef').mapping(['name', 'key']);
  return {
    clusters: rule.required('clusters').items((one) => one.text()),
    kubeconfigSecretRef: {
      name: reference.required('name').text(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/, 'the name of a Secret'),
      key: reference.optional('key')?.text(/^[-._a-zA-Z0-9]{1,253}$/, 'a key of a Secret') ?? 'value',
    },
  };
}

function hopeless(entry: Shape): string[] {
  const clusters = entry.mapping().required('clusters');
  return clusters
    .entries()
    .flatMap((pattern) =>
      canMatchCluster(pattern.text())
        ? []
        : [
            pattern.says(
              `"${pattern.text()}" matches no cluster, because "*" never matches "/". Write /subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}, or /subscriptions/{id}/resourceGroups/{group}/{name} for short.`,
            ),
          ],
    );
}
