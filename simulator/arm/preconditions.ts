import type { Incoming } from '../http/answer.ts';
import { ArmError, spokenError } from './errors.ts';

/** Checks If-Match and If-None-Match as learn.microsoft.com/azure/aks/use-etags says. `eTag` is that of the resource, undefined when there is none. Throws 400 or 412. */
export function checkMatch(headers: Incoming['headers'], eTag: string | undefined): void {
  const match = unquoted(headers['if-match']);
  const noneMatch = unquoted(headers['if-none-match']);
  if (match !== '' && noneMatch !== '') {
    throw new ArmError(
      400,
      'BadRequest',
      'Both If-Match and If-None-Match headers are set; only one of them is allowed.',
    );
  }
  if (noneMatch !== '' && noneMatch !== '*') {
    throw new ArmError(400, 'BadRequest', "The If-None-Match header only supports '*'.");
  }
  if (noneMatch === '*' && eTag !== undefined) {
    throw failed('Resource already exists and If-None-Match is *.');
  }
  if (match !== '' && eTag === undefined) {
    throw spokenError('precondition-gone');
  }
  if (match !== '' && match !== '*' && match !== eTag) {
    throw spokenError('precondition-mismatch');
  }
}

function failed(message: string): ArmError {
  return new ArmError(412, 'PreconditionFailed', message, { unwrapped: true });
}

/** `az rest` sends what is typed; the SDKs' own command line puts it in double quotes. */
function unquoted(header: string | undefined): string {
  return (header ?? '').trim().replace(/^(?:W\/)?"(.*)"$/, '$1');
}
