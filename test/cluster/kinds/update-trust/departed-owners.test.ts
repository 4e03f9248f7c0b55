import { describe, expect, it } from '@jest/globals';
import { dropDepartedOwners } from '../../../../src/cluster/kinds/update-trust/departed-owners.ts';
import { intent, named, operation, slot } from '../../../harness/build.ts';

const A = 'team/a/ca';
const B = 'team/b/ca';

describe('an object that is gone', () => {
  const gone = [intent('b', [1])];

  it('is dropped from the slots, and a certificate that only it named becomes unmanaged', () => {
    const record = dropDepartedOwners({ slots: [slot(0, A), slot(1, A, B)] }, gone);
    expect(record.slots).toEqual([slot(0), slot(1, B)]);
  });

  it('leaves an adopted certificate adopted for those that still name it, and unmanaged when there are none', () => {
    const adopted = (...namedBy: string[]) => ({ ...named(0, ...namedBy), managed: false, adopted: true });
    expect(dropDepartedOwners({ slots: [adopted(A, B)] }, [intent('b', [0])]).slots).toEqual([adopted(B)]);
    expect(dropDepartedOwners({ slots: [adopted(A)] }, [intent('b', [0])]).slots).toEqual([slot(0)]);
  });

  it('is dropped from elements that hold several certificates', () => {
    const contains = [slot(0, A), slot(1, B)];
    const record = dropDepartedOwners({ slots: [{ opaque: true, digest: 'd', contains }] }, gone);
    expect(record.slots).toEqual([{ opaque: true, digest: 'd', contains: [slot(0), slot(1, B)] }]);
  });

  it('is dropped from missing, discarded and added certificates', () => {
    const record = dropDepartedOwners(
      {
        missing: [named(0, A)],
        discarded: [named(0, A), named(1, A, B)],
        operation: operation({ adds: [named(0, A)], removes: [named(2, A)] }),
      },
      gone,
    );
    expect(record.missing).toEqual([named(0)]);
    expect(record.discarded).toEqual([named(0), named(1, B)]);
    expect(record.operation).toEqual(operation({ adds: [named(0)], removes: [named(2)] }));
  });

  it('is distinguished from a later object of the same name', () => {
    const record = { slots: [slot(0, A)], objects: [{ name: 'team/a', uid: 'another', generation: 1 }] };
    const remaining = dropDepartedOwners(record, [intent('a', [1])]);
    expect(remaining).toEqual({ slots: [slot(0)], objects: [] });
    const same = { ...record, objects: [{ name: 'team/a', uid: 'uid-a', generation: 1 }] };
    expect(dropDepartedOwners(same, [intent('a', [1])])).toEqual(same);
  });

  it('is distinguished from an object whose name begins with its own', () => {
    const record = { slots: [slot(0, 'team/bee/ca')] };
    expect(dropDepartedOwners(record, [intent('bee', [0])])).toEqual(record);
  });
});

describe('an object that is being deleted', () => {
  it('is dropped when its certificates stay', () => {
    const record = dropDepartedOwners({ slots: [slot(0, A)] }, [intent('a', [0], { deleting: true })]);
    expect(record.slots).toEqual([slot(0)]);
  });

  it('is dropped when it is suspended, whatever its policy', () => {
    const suspended = intent('a', [0], { deleting: true, suspend: true, deletionPolicy: 'Remove' });
    expect(dropDepartedOwners({ slots: [slot(0, A)] }, [suspended]).slots).toEqual([slot(0)]);
  });

  it('keeps its names while its certificates are to be removed', () => {
    const record = { slots: [slot(0, A)] };
    expect(dropDepartedOwners(record, [intent('a', [], { deleting: true, deletionPolicy: 'Remove' })])).toEqual(record);
  });
});

describe('objects that drop a certificate in the same pass', () => {
  const both = { slots: [slot(0, A, B)], operation: operation({ adds: [named(0, A, B)] }) };
  const retained = intent('a', [0], { deleting: true });

  it('leave it where it is when one of them is deleted with Retain and the other was edited', () => {
    const record = dropDepartedOwners(both, [retained, intent('b', [])]);
    expect(record.slots).toEqual([slot(0)]);
    expect(record.operation?.updateTrust?.adds).toEqual([named(0)]);
  });

  it('leave it where it is when one of them is gone and the other was edited', () => {
    expect(dropDepartedOwners(both, [intent('b', [])]).slots).toEqual([slot(0)]);
  });

  it('take it out when the one that is left is deleted with Remove', () => {
    const removing = intent('b', [0], { deleting: true, deletionPolicy: 'Remove' });
    expect(dropDepartedOwners(both, [retained, removing]).slots).toEqual([slot(0, B)]);
  });

  it('take it out when the deleted one had been edited as well', () => {
    const record = dropDepartedOwners(both, [intent('a', [1], { deleting: true }), intent('b', [])]);
    expect(record.slots).toEqual([slot(0, B)]);
  });

  it('leave it to the frozen one, whose share stays as it is', () => {
    expect(dropDepartedOwners(both, [retained, intent('b', [], { suspend: true })]).slots).toEqual([slot(0, B)]);
  });
});
