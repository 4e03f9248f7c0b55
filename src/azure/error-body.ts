import { armText } from './arm-text.ts';
import { readObject } from './read-object.ts';

/** The parts of an error body. */
export interface ErrorBody {
  /** `error.code`, or `HTTP` and the status where the body has none. */
  readonly code: string;
  /** `error.message`, followed by the parts of `error.details` and `error.target` that it lacks. */
  readonly message: string;
  /** `error.target`: the member of the request that caused the error. */
  readonly target?: string;
  /** Codes, targets and messages of `error.details`, on one line. */
  readonly details?: string;
  /** Display name of the policy assignment that refused the request, or its name. */
  readonly policy?: string;
  /** The api-versions that the message lists as supported. Real lists are longer than the part of the message that is kept. */
  readonly supportedVersions?: readonly string[];
}

/** Characters of a body that are read as an error. Real ones have a few thousand. */
const LONGEST_BODY = 256 * 1024;
const MOST_DETAILS = 8;
const DEEPEST_DETAILS = 4;
const MOST_VERSIONS = 500;
/** Longest part of a message that one text of a body may add, in UTF-16 units. */
const LONGEST_PART = 512;

/**
 * Reads an error body, which AKS sends both as `{error: {…}}` and bare. Any other body is described in the message.
 * learn.microsoft.com/azure/azure-resource-manager/management/common-api-version-and-errors, `ErrorResponse`
 */
export function readErrorBody(status: number, text: string): ErrorBody {
  const body = text.length > LONGEST_BODY ? undefined : readObject(text);
  const error = asObject(body?.['error']) ?? (body?.['error'] === undefined ? body : undefined);
  const code = memberOf(error, 'code');
  return error && typeof code === 'string' && code !== '' ? readError(error) : unreadBody(status, text);
}

/** Reads an error of a body, of an operation's status, or of a cluster. */
export function readError(error: Json): ErrorBody {
  const code = armText(memberOf(error, 'code'));
  const packed = packedIn(memberOf(error, 'message'));
  const said = packed ? '' : armText(memberOf(error, 'message'));
  const target = armText(error['target']).slice(0, LONGEST_PART);
  const details = [...(packed ? detailsOf([packed], 1) : []), ...detailsOf(error['details'], 1)].slice(0, MOST_DETAILS);
  const supportedVersions = versionsIn(memberOf(error, 'message'));
  const policy = [policyOf(error), ...details.map((detail) => detail.policy)].find((name) => name !== '');
  const more = details.map((detail) => addedBy(detail, code, said)).filter((text) => text !== '');
  const at = target !== '' && !said.includes(target) ? [`target: ${target}`] : [];
  const added = [...new Set([...more, ...at])].join('; ');
  const allDetails = details.map((detail) => [detail.code, detail.target, detail.message].join(' ').trim()).join('; ');
  return {
    code,
    message: armText(added === '' ? said : said === '' ? added : `${said} (${added})`),
    ...(target === '' ? {} : { target }),
    ...(allDetails === '' ? {} : { details: allDetails }),
    ...(policy === undefined ? {} : { policy }),
    ...(supportedVersions.length === 0 ? {} : { supportedVersions }),
  };
}

/** The part of a detail that the message does not have yet. */
function addedBy(detail: Detail, outerCode: string, said: string): string {
  const { message } = detail;
  const isNews = detail.code.toLowerCase() !== outerCode.toLowerCase() && !/^unspecified$/i.test(detail.code);
  const code = isNews && !said.includes(detail.code) ? detail.code : '';
  if (message === '') return code;
  if (said.includes(message)) return '';
  return code === '' || message.includes(code) ? message : `${code}: ${message}`;
}

/** The code of a body that has none. */
export function codeWithoutBody(status: number): string {
  return `HTTP${status}`;
}

function unreadBody(status: number, text: string): ErrorBody {
  const what = /^\s*</.test(text)
    ? 'an HTML or XML page'
    : text.trim() === ''
      ? 'an empty body'
      : 'a body without an error code';
  return { code: codeWithoutBody(status), message: `HTTP ${status} with ${what}` };
}

interface Detail {
  readonly code: string;
  readonly target: string;
  readonly message: string;
  readonly policy: string;
}

function detailsOf(value: unknown, depth: number): Detail[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  const details = entries.slice(0, MOST_DETAILS).flatMap((entry): Detail[] => {
    const detail = asObject(entry);
    if (!detail) return [];
    const part = (name: string) => armText(memberOf(detail, name)).slice(0, LONGEST_PART);
    const deeper = depth < DEEPEST_DETAILS;
    const packed = deeper ? packedIn(memberOf(detail, 'message')) : undefined;
    const inner = [
      ...(packed ? detailsOf([packed], depth + 1) : []),
      ...(deeper ? detailsOf(detail['details'], depth + 1) : []),
    ];
    const message = packed ? '' : part('message');
    return [{ code: part('code'), target: part('target'), message, policy: policyOf(detail) }, ...inner];
  });
  return details.slice(0, MOST_DETAILS);
}

/** The error inside a message: some services pass on, as their message, the whole body that they got. */
function packedIn(message: unknown): Json | undefined {
  if (typeof message !== 'string' || message.length > LONGEST_BODY || !/^\s*\{/.test(message)) return undefined;
  const body = readObject(message);
  const error = asObject(body?.['error']) ?? body;
  const code = memberOf(error, 'code');
  return typeof code === 'string' && code !== '' ? error : undefined;
}

/** Entries of `additionalInfo` that are read. */
const MOST_INFOS = 8;
const LONGEST_NAME = 128;

/** learn.microsoft.com/azure/governance/policy/troubleshoot/general: additionalInfo of type PolicyViolation. */
function policyOf(error: Json): string {
  const infos: unknown = error['additionalInfo'];
  for (const entry of Array.isArray(infos) ? (infos as readonly unknown[]).slice(0, MOST_INFOS) : []) {
    const info = asObject(asObject(entry)?.['info']);
    const name = armText(info?.['policyAssignmentDisplayName']) || armText(info?.['policyAssignmentName']);
    if (name !== '') return name.slice(0, LONGEST_NAME);
  }
  return '';
}

/** `The supported api-versions are '2025-01-01, 2025-05-01'.` */
function versionsIn(message: unknown): string[] {
  if (typeof message !== 'string') return [];
  const [, list = ''] = /supported (?:api-)?versions are '([^']{1,16384})'/i.exec(message) ?? [];
  return list
    .split(',', MOST_VERSIONS)
    .map((version) => version.trim())
    .filter((version) => /^\d{4}-\d{2}-\d{2}(?:-[a-z]{1,20})?$/i.test(version));
}

type Json = Readonly<Record<string, unknown>>;

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** Older resource providers write `Code` and `Message`. */
function memberOf(error: Json | undefined, name: string): unknown {
  return error?.[name] ?? error?.[name.charAt(0).toUpperCase() + name.slice(1)];
}
