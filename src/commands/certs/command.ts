import { systemClock } from '../../runtime/clock.ts';
import { explainingWrongTypes } from '../client/odd-answer.ts';
import type { Output } from '../client/output.ts';
import { interruptible } from '../client/interruptible.ts';
import { inSession, openManagement, type Management } from '../client/session.ts';
import { paint, safe, type Line } from '../status/text.ts';
import { withExpiryWarning } from './expiry-warning.ts';
import { toJson } from './json.ts';
import { readCluster } from './read-cluster.ts';
import { readObject } from './read-object.ts';
import { renderCerts, renderTitle } from './render.ts';
import type { CertsReport } from './report.ts';
import type { CertsRequest, LiveTarget } from './request.ts';
import { exitCodeFor } from './verdict.ts';

/**
 * Shows the certificates that a cluster has for itself. Resolves with the exit code.
 *
 * @throws Error with a message for a person
 */
export function runCerts(request: CertsRequest): Promise<number> {
  const { target } = request;
  if (target.kind !== 'Object') return interruptible((output, signal) => showCluster(target, request, output, signal));
  return inSession(request, 'certs', async ({ connection, namespace }, output, signal) => {
    const asked = { connection, namespace: target.namespace ?? namespace, name: target.name, signal };
    const report = await explainingWrongTypes(connection.server, () => readObject(asked, systemClock.now()));
    return show(report, request, output, { titled: false });
  });
}

async function showCluster(
  target: LiveTarget,
  request: CertsRequest,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const title = titleOf(target);
  // Some sources take ten seconds to fail.
  if (request.output === 'text') write(renderTitle(title, viewOf(output)), output);
  let management: Management | undefined;
  try {
    if (request.scansManagement) management = await openManagement(request, 'certs');
    const read = await readCluster(target, {
      now: () => systemClock.now(),
      signal,
      ...(request.prometheus ? { prometheus: request.prometheus } : {}),
      ...(request.scan ? { scan: { timeout: request.timeout, management: management?.connection } } : {}),
    });
    return show({ ...title, ...read }, request, output, { titled: true });
  } finally {
    await management?.connection.close();
  }
}

function titleOf(target: LiveTarget): Pick<CertsReport, 'name' | 'resourceId'> {
  if (target.kind === 'Cluster') return { name: target.id.name, resourceId: target.id.resourceId };
  const { path, context } = target.file;
  return { name: context === undefined ? path : `${path}, context ${context}`, resourceId: undefined };
}

/** Prints the report, and returns the exit code. */
function show(
  found: CertsReport,
  { expiryWarning, rotationRequest, output: format }: CertsRequest,
  output: Output,
  { titled }: { readonly titled: boolean },
): number {
  const now = systemClock.now();
  const report: CertsReport =
    expiryWarning === undefined
      ? found
      : { ...found, rows: found.rows.map((row) => withExpiryWarning(row, expiryWarning, now)) };
  if (format === 'json') output.write(`${toJson(report)}\n`);
  else {
    const view = { ...viewOf(output), rotationRequest };
    write([...(titled ? [] : renderTitle(report, view)), ...renderCerts(report, view)], output);
  }
  for (const notice of report.notices) output.warn(`aks-ca-trust: ${safe(notice)}\n`);
  return exitCodeFor(report);
}

function viewOf(output: Output) {
  return { columns: output.columns(), now: systemClock.now() };
}

function write(lines: readonly Line[], output: Output): void {
  output.write(lines.map((line) => `${paint(line, output.colour)}\n`).join(''));
}
