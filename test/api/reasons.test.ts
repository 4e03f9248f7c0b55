import { describe, expect, it } from '@jest/globals';
import { REASONS, reasonPolicy } from '../../src/api/reasons.ts';

describe('the table of who has to act', () => {
  it('needs a person to end a reason that stalls at once', () => {
    const stuck = Object.entries(REASONS).filter(([, { stalls }]) => stalls === 'AtOnce');
    expect(stuck.filter(([, { endedBy }]) => endedBy !== 'Person')).toEqual([]);
  });

  it('warns from the start of everything that can stall', () => {
    const stalling = Object.entries(REASONS).filter(([, { stalls }]) => stalls !== 'Never');
    expect(stalling.filter(([, { severity }]) => severity !== 'Warning')).toEqual([]);
  });

  it.each(['Suspended', 'Settling', 'WaitingForMaintenanceWindow', 'Updating', 'ClusterBusy', 'Throttled'])(
    'never stalls and never warns of %s',
    (reason) => {
      expect(reasonPolicy(reason)).toMatchObject({ severity: 'Normal', stalls: 'Never' });
    },
  );

  it.each(['NotKept', 'RecordConflict', 'WouldRemoveAll', 'TargetNotAllowed', 'ApiVersionUnavailable', 'Contended'])(
    'says at once that nothing goes on before a person acts on %s',
    (reason) => {
      expect(reasonPolicy(reason)).toMatchObject({ endedBy: 'Person', severity: 'Warning', stalls: 'AtOnce' });
    },
  );

  it.each(['Unreachable', 'ReadsTooSlow', 'TargetUnreachable'])(
    'waits for the end of %s, and asks for a person when that takes long',
    (reason) => {
      expect(reasonPolicy(reason)).toMatchObject({ endedBy: 'Time', severity: 'Warning', stalls: 'AfterPatience' });
    },
  );

  it.each(['AccessDenied', 'ClusterNotFound', 'ClusterFailed', 'NodesUnreadable'])(
    'says that only a person ends %s',
    (reason) => {
      expect(reasonPolicy(reason)).toMatchObject({ endedBy: 'Person', severity: 'Warning', stalls: 'AfterPatience' });
    },
  );

  it('treats a reason that it does not list as one that needs no action, for any name', () => {
    for (const reason of ['Trusted', 'constructor', '__proto__', '']) {
      expect(reasonPolicy(reason)).toMatchObject({ severity: 'Normal', stalls: 'Never' });
    }
  });
});
