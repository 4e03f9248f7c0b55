import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';

/** A refusal with a code and ARM's or AKS' wording. Handlers throw it; the router answers it. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  /** The resource provider's own bodies often come without the `error` member around them. */
  readonly unwrapped: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly target: string | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { unwrapped?: boolean; headers?: Readonly<Record<string, string>>; target?: string } = {},
  ) {
    super(message);
    this.name = 'ArmError';
    this.status = status;
    this.code = code;
    this.unwrapped = more.unwrapped ?? false;
    this.headers = more.headers ?? {};
    this.target = more.target;
  }
}

export function answerOfError({ status, code, message, unwrapped, headers, target }: ArmError): Answer {
  const error = { code, message, ...(target === undefined ? {} : { target }) };
  return json(status, unwrapped ? error : { error }, headers);
}

export function clusterNotFound(resourceGroup: string, name: string): ArmError {
  return new ArmError(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.ContainerService/managedClusters/${name}' under resource group '${resourceGroup}' was not found. ` +
      'For more details please go to https://aka.ms/ARMResourceNotFoundFix',
  );
}

/** What AKS says while something else is going on. `doing` is a provisioning state, for a pool preceded by its name. */
export function anotherOperation(doing: string): ArmError {
  return new ArmError(
    409,
    'OperationNotAllowed',
    `Operation is not allowed: Another operation (${doing}) is in progress, please wait for it to finish before starting a new operation. ` +
      'See https://aka.ms/aks-pending-operation for more details',
    { unwrapped: true },
  );
}
