import { escapeForDisplay } from '../../api/display.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { Checking } from './checking.ts';
import { isForbidden, isMissing } from './finding.ts';
import { userOf, type Reviewed } from './reviews.ts';

const POLICY = 'aks-ca-trust-records';
const PATH = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${POLICY}`;

/**
 * The account that may write records by the admission policy, where that is another one than this: an access review does not ask
 * admission policies. Undefined also where there is no such policy, or this user may not read it.
 */
export async function otherWriter(
  connection: Connection,
  account: NonNullable<Reviewed>,
  { ask }: Pick<Checking, 'ask'>,
): Promise<string | undefined> {
  const policy = (await ask(connection, { path: PATH }).catch((error: unknown) => {
    if (isForbidden(error) || isMissing(error)) return undefined;
    throw error;
  })) as { spec?: { matchConditions?: { expression?: unknown }[] } } | undefined;
  const expressions = policy?.spec?.matchConditions?.map(({ expression }) => String(expression)) ?? [];
  const accounts = expressions.flatMap((text) => text.match(/system:serviceaccount:[^"']+/g) ?? []);
  if (accounts.length === 0 || accounts.includes(userOf(account))) return undefined;
  return escapeForDisplay(accounts.join(', '), 256);
}
