import { describe, expect, it } from '@jest/globals';
import { REASONS, reasonPolicy } from '../../src/api/reasons.ts';

describe('the table of who has to act', () => {
  it('lets only a person end what stalls at once', () => {
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

  it.each(['AccessDenied', 'ClusterNotFound', 'ClusterFailed', 'SourceNotFound'])(
    'says that only a person ends %s',
    (reason) => {
      expect(reasonPolicy(reason)).toMatchObject({ endedBy: 'Person', severity: 'Warning', stalls: 'AfterPatience' });
    },
  );

  it('takes a reason that it does not list for one that needs no action, whatever its name', () => {
    for (const reason of ['Trusted', 'constructor', '__proto__', '']) {
      expect(reasonPolicy(reason)).toMatchObject({ severity: 'Normal', stalls: 'Never' });
    }
  });
});
