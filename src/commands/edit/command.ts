import { systemClock } from '../../runtime/clock.ts';
import { explainingWrongTypes } from '../client/odd-answer.ts';
import { inSession } from '../client/session.ts';
import { EXIT } from '../exit-codes.ts';
import { watchStatus } from '../status/watch.ts';
import { editObject } from './edit-object.ts';
import type { EditRequest } from './request.ts';

/**
 * Changes one object and, where asked to, waits until the controller is done with it. Resolves with the exit code.
 *
 * @throws Error with a message for a person
 */
export function runEdit(request: EditRequest): Promise<number> {
  const { edit, kind, name, wait, timeout, patience } = request;
  const command = edit.toLowerCase();
  return inSession(request, command, async ({ connection, namespace: own }, output, signal) => {
    const namespace = request.namespace ?? own;
    const edited = await explainingWrongTypes(connection.server, () =>
      editObject({ connection, kind, namespace, name, signal }, edit, systemClock.now()),
    );
    output.write(`${edited.message}\n`);
    if (edited.note !== undefined) output.warn(`aks-ca-trust: ${edited.note}\n`);
    if (!wait) return EXIT.Done;
    const scope = { kind: kind === 'CustomCATrust' ? 'Object' : 'Rotation', namespace, name } as const;
    const watch = {
      ...request,
      scope,
      output: 'text',
      certificates: false,
      watch: true,
      forever: false,
      timeout,
      patience,
    } as const;
    const tools = { connection, scope, output, clock: systemClock, random: Math.random, signal };
    return explainingWrongTypes(connection.server, () => watchStatus({ ...tools, request: watch }));
  });
}
