import { escapeForDisplay } from '../../api/display.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import { API_VERSION } from '../../api/names.ts';
import { parseClusterId } from '../../api/resource-id.ts';
import { readSource } from '../../certificates/read-source.ts';
import { isDnsName } from '../../kubernetes/untrusted/untyped.ts';
import { SOURCES } from '../../sources/index.ts';
import { textsOf } from '../../sources/resolve.ts';
import { judgeDuplicates, judgeItems, type Judged, type Placed } from './certificate-findings.ts';
import type { ManifestObject } from './documents.ts';
import type { Found } from './finding.ts';
import { isMapping, type Mapping } from './mapping.ts';
import { judgePreviewSecret } from './preview-secret.ts';
import { faultsOf, schemaOf } from './schema.ts';

/** What an object brings into the list of its cluster. */
export interface Share {
  /** {@link ClusterId.key}; undefined where the object names no cluster. */
  readonly cluster: string | undefined;
  readonly placed: readonly Placed[];
}

export interface ObjectReading {
  /** False for an object of another program, which is not checked. */
  readonly isOurs: boolean;
  readonly findings: readonly Found[];
  readonly share?: Share;
}

const GROUP = API_VERSION.slice(0, API_VERSION.indexOf('/') + 1);
/** Of the preview that was retired on 2026-09-14 (github.com/Azure/AKS/issues/5826). */
const PREVIEW_SECRET = 'custom-ca-trust-secret';
const MEMBERS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
const MOST_MEMBERS = 20;

/** Judges one object of a manifest as the API server and the controller would. Objects of other programs are skipped. */
export function judgeObject(object: ManifestObject, now: number): ObjectReading {
  const { apiVersion, kind } = object.value;
  if (kind === 'Secret' && nameOf(object.value) === PREVIEW_SECRET) {
    const { findings, placed } = judgePreviewSecret(object, now);
    return {
      isOurs: true,
      findings: [warning(object, 'RetiredPreview', PREVIEW, PREVIEW_FIX), ...findings],
      share: { cluster: undefined, placed },
    };
  }
  const group = typeof apiVersion === 'string' && apiVersion.startsWith(GROUP);
  const schema = typeof kind === 'string' ? schemaOf(kind) : undefined;
  if (!group && schema === undefined) return { isOurs: false, findings: [] };
  if (schema === undefined)
    return { isOurs: true, findings: [error(object, ['kind'], 'UnknownKind', UNKNOWN_KIND, KIND_FIX)] };
  if (apiVersion !== API_VERSION) {
    const message = `This version does not know the apiVersion of the object.`;
    return {
      isOurs: true,
      findings: [error(object, ['apiVersion'], 'UnknownVersion', message, `Write apiVersion: ${API_VERSION}.`)],
    };
  }
  const { spec } = object.value;
  const findings = [
    ...memberFindings(object),
    ...nameFindings(object),
    ...specFindings(object, faultsOf(spec ?? {}, schema, ['spec'])),
  ];
  if (kind !== 'CustomCATrust' || !isMapping(spec)) return { isOurs: true, findings };
  const { findings: found, placed } = judgeEntries(object, spec, now);
  return {
    isOurs: true,
    findings: [...findings, ...found, ...judgeDuplicates(placed)],
    share: { cluster: clusterOf(spec), placed },
  };
}

function memberFindings(object: ManifestObject): Found[] {
  const unknown = Object.keys(object.value).filter((name) => !MEMBERS.has(name));
  return unknown.slice(0, MOST_MEMBERS).map((name) => {
    const message = `${escapeForDisplay(name, 64)} is no member of an object, and the API server refuses or drops it.`;
    return error(object, [name], 'UnknownField', message, 'Remove it.');
  });
}

function nameFindings(object: ManifestObject): Found[] {
  const { metadata } = object.value;
  const name = nameOf(object.value);
  if (name === undefined && isMapping(metadata) && typeof metadata['generateName'] === 'string') return [];
  if (name === undefined) return [error(object, ['metadata'], 'MissingField', 'metadata has no name.', 'Add name.')];
  if (isDnsName(name)) return [];
  const message = `metadata.name "${escapeForDisplay(name, 64)}" cannot be the name of an object.`;
  return [error(object, ['metadata', 'name'], 'InvalidValue', message, NAME_FIX)];
}

function specFindings(object: ManifestObject, faults: ReturnType<typeof faultsOf>): Found[] {
  return faults.map(({ path, code, message, fix }) => error(object, path, code, message, fix));
}

function judgeEntries(object: ManifestObject, spec: Mapping, now: number): Judged {
  const { certificates } = spec;
  const findings: Found[] = [];
  const placed: Placed[] = [];
  for (const [index, entry] of (Array.isArray(certificates) ? (certificates as unknown[]) : []).entries()) {
    // The schema has reported the others.
    if (!isMapping(entry) || Object.values(entry).some((value) => typeof value !== 'string')) continue;
    const judged = judgeEntry(object, entry, index, now);
    findings.push(...judged.findings);
    placed.push(...judged.placed);
  }
  return { findings, placed };
}

/** Judges the text of an entry as the controller gets it. An entry without a source is a fault of the schema. */
function judgeEntry(object: ManifestObject, entry: Mapping, index: number, now: number): Judged {
  const alone = { metadata: {}, spec: { certificates: [entry] } } as unknown as CustomCATrust;
  const [source] = textsOf(alone, SOURCES);
  if (source?.text === undefined) return { findings: [], placed: [] };
  const name = typeof entry['name'] === 'string' ? entry['name'] : String(index);
  const position = (line: number, column?: number) =>
    object.inText(['spec', 'certificates', index, 'pem'], line, column);
  return judgeItems(readSource(source.text).items, position, `entry "${escapeForDisplay(name, 64)}"`, now);
}

function clusterOf(spec: Mapping): string | undefined {
  const { target } = spec;
  const resourceId = isMapping(target) ? target['resourceId'] : undefined;
  return typeof resourceId === 'string' ? parseClusterId(resourceId)?.key : undefined;
}

function nameOf({ metadata }: Mapping): string | undefined {
  const name = isMapping(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function error(
  object: ManifestObject,
  path: readonly (string | number)[],
  code: string,
  message: string,
  fix?: string,
): Found {
  return { severity: 'Error', code, ...object.at(path), message, ...(fix === undefined ? {} : { fix }) };
}

function warning(object: ManifestObject, code: string, message: string, fix: string): Found {
  return { severity: 'Warning', code, ...object.at(['metadata', 'name']), message, fix };
}

const PREVIEW = 'This Secret is for a preview that AKS has retired, and no node reads it.';
const PREVIEW_FIX = 'Make a CustomCATrust of it: aks-ca-trust convert --to manifest FILE';
const UNKNOWN_KIND = 'People write no objects of this kind: the controller does, or it is not known.';
const KIND_FIX = 'Write a CustomCATrust or a CertificateRotation.';
const NAME_FIX = 'Use lower-case letters, digits, "-" and ".".';
