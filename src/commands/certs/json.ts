import { escapeInvisible } from '../client/escape-invisible.ts';
import type { CertsReport } from './report.ts';
import { rotationRequestFor } from './rotation-request.ts';
import { exitCodeFor } from './verdict.ts';

/** Version of the `-o json` document. It grows when a field is removed or changes its meaning, not when one is added. */
const FORMAT = 1;

/** The document of `-o json`, described in docs/how-to/certs.md. Unknown values are left out. */
export function toJson(report: CertsReport): string {
  const { name, resourceId, server, object, rows, autoRotation, notices, nodeCommands, scan } = report;
  const document = {
    format: FORMAT,
    exitCode: exitCodeFor(report),
    cluster: { name, resourceId, server },
    object,
    certificates: rows,
    autoRotation,
    nodeCommands,
    rotationRequest: rotationRequestFor(rows),
    scan,
    notices,
  };
  return escapeInvisible(JSON.stringify(document, undefined, 2));
}
