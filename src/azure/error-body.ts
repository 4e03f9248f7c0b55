import { armText } from './arm-text.ts';
import { readObject } from './read-object.ts';

/** What an error body says. */
export interface ErrorBody {
  /** `error.code`, or `HTTP` and the status where the body has none. */
  readonly code: string;
  /** `error.message`, followed by what `error.details` and `error.target` add to it. */
  readonly message: string;
  /** `error.target`: the member of the request that is to blame. */
  readonly target?: string;
  /** Codes, targets and messages of `error.details`, on one line. */
  readonly details?: string;
  /** The api-versions that the message lists as supported. A real list is longer than what is kept of the message. */
  readonly supportedVersions?: readonly string[];
}

/** Characters of a body that are read as an error. Real ones have a few thousand. */
const LONGEST_BODY = 256 * 1024;
const MOST_DETAILS = 8;
const DEEPEST_DETAILS = 4;
const MOST_VERSIONS = 500;
/** What one text of a body may add, in UTF-16 units. */
const LONGEST_PART = 512;

/**
 * Reads an error body, which AKS sends both as `{error: {…}}` and bare. Any other body is described in the message.
 * learn.microsoft.com/azure/azure-resource-manager/management/common-api-version-and-errors, `ErrorResponse`
 */
export function readErrorBody(status: number, text: string): ErrorBody {
  const body = text.length > LONGEST_BODY ? undefined : readObject(text);
  const error = asObject(body?.['error']) ?? (body?.['error'] === undefined ? body : undefined);
  const code = error?.['code'];
  if (typeof code !== 'string' || code === '') return unreadBody(status, text);
  const said = armText(error?.['message']);
  const target = armText(error?.['target']).slice(0, LONGEST_PART);
  const details = detailsOf(error?.['details'], 1);
  const supportedVersions = versionsIn(error?.['message']);
  const more = details.filter(({ message }) => message !== '' && !said.includes(message)).map(({ message }) => message);
  const at = target !== '' && !said.includes(target) ? [`target: ${target}`] : [];
  const added = [...new Set([...more, ...at])].join('; ');
  const allDetails = details.map((detail) => [detail.code, detail.target, detail.message].join(' ').trim()).join('; ');
  return {
    code: armText(code),
    message: armText(added === '' ? said : `${said} (${added})`.trim()),
    ...(target === '' ? {} : { target }),
    ...(allDetails === '' ? {} : { details: allDetails }),
    ...(supportedVersions.length === 0 ? {} : { supportedVersions }),
  };
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
}

function detailsOf(value: unknown, depth: number): Detail[] {
  if (!Array.isArray(value)) return [];
  const details = (value as readonly unknown[]).slice(0, MOST_DETAILS).flatMap((entry): Detail[] => {
    const detail = asObject(entry);
    if (!detail) return [];
    const part = (name: string) => armText(detail[name]).slice(0, LONGEST_PART);
    const inner = depth < DEEPEST_DETAILS ? detailsOf(detail['details'], depth + 1) : [];
    return [{ code: part('code'), target: part('target'), message: part('message') }, ...inner];
  });
  return details.slice(0, MOST_DETAILS);
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

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
