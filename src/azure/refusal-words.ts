import type { ArmAnswer } from './arm-answer.ts';

/**
 * Another operation runs on the cluster. AKS and ARM have many messages for it and invent more, so the patterns match kinds of
 * messages, not a list of sentences.
 */
const AT_WORK: readonly RegExp[] = [
  /\bin[- ]progress\b/i,
  /\bconcurren(?:t|tly|cy)\b/i,
  /\banother\b(?: [\w-]+){0,4} (?:operation|request|update|change|write|deployment|process|client)\b/i,
  /\bconflict(?:s|ed|ing)?\b(?: [\w-]+){0,4} (?:operation|request|update|change|write|deployment)s?\b/i,
  /\bmutually exclusive\b/i,
  /\b(?:superseded|pre-?empted|ongoing|simultaneous(?:ly)?)\b|\bat the same time\b/i,
  /\b(?:operation|request|update|deployment)s?\b(?: [\w-]+){0,4} (?:pending|running|active|unfinished)\b/i,
  /\b(?:still|currently|already) (?:being|active|running|pending|processing)\b/i,
  /\bbeing (?:creat|updat|upgrad|scal|delet|modif|chang|start|stopp|rotat|reconcil|migrat|provision|reimag|process)\w*/i,
  /\bwait (?:for|until)\b(?: [\w-]+){0,6} (?:finish|finishes|complete|completes|end|ends)\b/i,
];

/** Also where the state stands between quotes. MicrosoftDocs/azure-docs#85161 */
const STATE_AT_WORK = /\bprovisioning ?state\W{1,4}\w{2,40}ing\b/i;
const AT_WORK_CODE =
  /anotheroperation|operationinprogress|inprogress|concurren|conflictingoperation|operationpending|deploymentactive|pre-?empted|superseded/i;

/** True where the code or the message shows that another operation runs. Names in quotes do not count. */
export function saysAnotherOperation({ code, message, details = '' }: ArmAnswer): boolean {
  const text = withoutNames(`${message} ${details}`);
  return AT_WORK_CODE.test(code) || AT_WORK.some((words) => words.test(text)) || STATE_AT_WORK.test(message);
}

/** True where ARM or AKS names another operation explicitly, with any status. */
export function namesAnotherOperation({ code, message }: ArmAnswer): boolean {
  const text = withoutNames(message);
  return AT_WORK_CODE.test(code) || NAMED_OPERATION.some((words) => words.test(text)) || STATE_AT_WORK.test(message);
}

const NAMED_OPERATION: readonly RegExp[] = [
  /\banother\b(?: [\w-]+){0,2} operation\b[^.]{0,80}\bin[- ]progress\b/i,
  /\bin[- ]progress\b(?: [\w.-]+){0,6} operation\b/i,
];

/** True where a service behind AKS has had too many requests: AKS reconciles that on with any status. */
export function saysTooManyRequests({ code, message, details = '' }: ArmAnswer): boolean {
  const text = `${code} ${message} ${details}`;
  // An eviction that a budget refuses has the same name.
  if (/\b(?:evict|drain|pdb)/i.test(text)) return false;
  return /TooManyRequests|\btoo many requests have been received\b/i.test(text);
}

/** True where the cluster is stopped. */
export function saysStopped({ message }: ArmAnswer): boolean {
  return /\bpower ?state\W{1,3}stopped\b|\(\w{1,40}, ?stopped\) state\b|\bcluster is (?:currently )?stopped\b/i.test(
    message,
  );
}

/** True where a policy refuses it, also where another code stands before that one. */
export function saysPolicy({ code, message, details = '' }: ArmAnswer): boolean {
  return /RequestDisallowedByPolicy/i.test(`${code} ${details}`) || /\bwas disallowed by policy\b/i.test(message);
}

/**
 * True where Azure itself does not allow the subscription to deploy in the region, also where another code stands before that
 * one.
 */
export function saysRegionIsClosed({ code, message, details = '' }: ArmAnswer): boolean {
  return /RequestDisallowedByAzure/i.test(`${code} ${details}`) || /\bwas disallowed by Azure\b/i.test(message);
}

/** True where a lock refuses it, also where another code stands before that one. */
export function saysLocked({ code, message, details = '' }: ArmAnswer): boolean {
  return (
    /^(?:Scope|Resource)Locked$/i.test(code) ||
    /\bScopeLocked\b|\bscope\(s\) are locked\b/i.test(`${message} ${details}`)
  );
}

/** True where the node disruption policy of the cluster refuses it. Its code is not documented, and the feature is a preview. */
export function saysDisruptionPolicy({ code, message }: ArmAnswer): boolean {
  return /NodeDisruptionPolicy/i.test(code) || /\bnode ?disruption ?policy\b/i.test(message);
}

/** True where the node disruption policy refuses the write until its maintenance window opens. */
export function saysDisruptionWindow(answer: ArmAnswer): boolean {
  const { code, message } = answer;
  if (/NodeDisruptionWindow/i.test(code)) return true;
  const ofWindow = /\b(?:outside|not (?:with)?in|only (?:allowed )?(?:during|in|within))\b.{0,60}\bwindow\b/i.test(
    message,
  );
  return ofWindow && (saysDisruptionPolicy(answer) || /\bnode ?disruption\b/i.test(message));
}

/** True where the answer is about the list of custom CA certificates, by the member's name or in prose. */
export function namesCustomCertificates({ message, target = '', details = '' }: ArmAnswer): boolean {
  return /custom[\s_.-]{0,3}ca[\s_.-]{0,3}(?:trust[\s_.-]{0,3})?cert/i.test(`${message} ${target} ${details}`);
}

/** True where the cluster's own certificates have expired. */
export function saysClusterCertificatesExpired({ message, details = '' }: ArmAnswer): boolean {
  const text = `${message} ${details}`;
  return (
    /\bcurrent certificates? (?:are|is|have|has)(?: been)? expired\b/i.test(text) ||
    /\bcertificates?\b.{0,80}\bexpired\b.{0,80}\brotat/i.test(text)
  );
}

/** True where the cluster is being deleted, which no later attempt changes. */
export function saysDeletionIssued({ message, details = '' }: ArmAnswer): boolean {
  const text = `${message} ${details}`;
  return /\bdelet(?:e|ion)\b[^.]{0,80}\b(?:issued|in[- ]progress|requested|started)\b|\b(?:is|being) delet(?:ing|ed)\b/i.test(
    text,
  );
}

/** True where ARM does not serve the type in this api-version: sovereign clouds and some regions get versions later. */
export function saysApiVersionUnavailable({ code, message }: ArmAnswer): boolean {
  return (
    /^(?:NoRegisteredProviderFound|InvalidResourceType|InvalidApiVersion(?:Parameter)?|UnsupportedApiVersion)$/i.test(
      code,
    ) || /\bapi[- ]?version '[^']{1,40}' is (?:invalid|not supported|not available)\b/i.test(message)
  );
}

/** True where a right is missing, which a role can give. */
export function saysRightIsMissing({ code, message }: ArmAnswer): boolean {
  if (/^authorizationfailed$/i.test(code)) return true;
  return /\b(?:does not|doesn't|do not|don't) have (?:the |sufficient |any )?(?:\w+ )?(?:authorization|authorisation|permission|privilege|right|access)s?\b|\bnot (?:authorized|authorised|permitted) to perform\b|\b(?:insufficient|missing) (?:\w+ )?(?:permission|privilege|right)s?\b|\blacks (?:the )?(?:\w+ )?(?:permission|role|right)s?\b/i.test(
    message,
  );
}

/** The resource that a 404 names; undefined where it names none. */
export function missingResource({ message }: ArmAnswer): { type: string; name: string; group?: string } | undefined {
  const [, path = ''] = /\bresource '([^']{1,512})'/i.exec(message) ?? [];
  const cut = path.lastIndexOf('/');
  if (cut < 1) return undefined;
  const [, group] = /\bunder resource group '([^']{1,128})'/i.exec(message) ?? [];
  return {
    type: path.slice(0, cut).toLowerCase(),
    name: path.slice(cut + 1).toLowerCase(),
    ...(group === undefined ? {} : { group: group.toLowerCase() }),
  };
}

/** Empties quotes: a group may be called `in progress`. An apostrophe inside a word does not open a quote. */
function withoutNames(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}])'[^']{0,1024}'(?![\p{L}\p{N}])/gu, "''");
}
