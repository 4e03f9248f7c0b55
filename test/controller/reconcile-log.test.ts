import { describe, expect, it } from '@jest/globals';
import { readClusterModel } from '../../src/azure/cluster-model.ts';
import type { ReconcileSummary } from '../../src/cluster/reconcile.ts';
import { logReconcile } from '../../src/controller/reconcile-log.ts';
import { createLogger } from '../../src/runtime/logging.ts';

/** The line of the log, without its time. */
function logged(summary: ReconcileSummary): Record<string, unknown> {
  let line = '';
  const destination = { write: (text: string) => void (line += text) };
  logReconcile(createLogger({ level: 'debug', format: 'json', destination }), summary);
  const { time: _, ...rest } = JSON.parse(line) as Record<string, unknown>;
  return rest;
}

describe('what is logged of a pass', () => {
  const rests = (elements: readonly string[]) => {
    const model = readClusterModel(
      JSON.stringify({
        id: 'x',
        name: 'c',
        eTag: '1',
        properties: { provisioningState: 'Succeeded', securityProfile: { customCATrustCertificates: elements } },
      }),
    );
    return logged({ step: 'Observe', afterMs: 5, resting: { model, untilMs: 7 } });
  };

  it('says how long the list is and whether it is another one, and nothing of what is in it', () => {
    const secret = Buffer.from('not a certificate, but a password').toString('base64');
    const said = rests([secret, 'b']);
    expect(said).toEqual({
      level: 'debug',
      msg: 'The reconcile sent nothing.',
      step: 'Observe',
      afterMs: 5,
      resting: { elements: 2, digest: expect.stringMatching(/^[0-9a-f]{16}$/), untilMs: 7 },
    });
    expect(JSON.stringify(said)).not.toContain(secret);
    expect(rests([secret, 'b'])).toEqual(said);
    expect(rests(['b', secret])).not.toEqual(said);
  });

  it('names the clusters whose rotations hold this one in a line of its own', () => {
    const lines: string[] = [];
    const destination = { write: (text: string) => void lines.push(text) };
    const summary = { step: 'Observe', afterMs: 5, hold: 'WaitingForOthers', heldByClusters: ['/broken'] } as const;
    logReconcile(createLogger({ level: 'info', format: 'json', destination }), summary);
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ level: 'info', troubledClusters: ['/broken'] }),
    ]);
  });

  it('says everything of a pass that is to be followed by another', () => {
    const summary = { step: 'Send', sent: 'Accepted', afterMs: 5 } as const;
    expect(logged(summary)).toEqual({ level: 'info', msg: 'The list was sent.', ...summary });
  });
});
