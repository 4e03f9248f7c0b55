import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { listWarnings } from '../../../../src/cluster/kinds/update-trust/list-conditions.ts';
import { LARGE_LIST, sizeOfList } from '../../../../src/cluster/kinds/update-trust/list-size.ts';
import { memoryRig } from '../../../harness/memory-rig.ts';
import { element, intent, listOf, MINUTE, observe, root, trust } from '../../../harness/build.ts';
import { judge } from '../../../harness/judge.ts';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const withKey = btoa(root(5).pem + key);

/** An element with one certificate, and so many characters of comment before it. */
const large = (index: number, comment: number) => btoa(`# ${'x'.repeat(comment)}\n${root(index).pem}`);
const quotesKey = (text: string) => key.split('\n').some((line) => line.length > 8 && text.includes(line));

describe('a private key in an element of the list', () => {
  it('names the element by its position and digest, and shows nothing of the key', () => {
    const { PrivateKeyInList } = listWarnings(listOf(element(0), withKey), 0);
    expect(PrivateKeyInList?.message).toMatch(
      /^Element 1 \(SHA-256 [0-9a-f]{16}…\) of the cluster's list contains a private key, and every node has it\. Remove/,
    );
    expect(quotesKey(JSON.stringify(PrivateKeyInList))).toBe(false);
  });

  it('is said of all such elements', () => {
    const { PrivateKeyInList } = listWarnings(listOf(withKey, element(0), withKey), 0);
    expect(PrivateKeyInList?.message).toMatch(
      /^Elements 0 \(.*\), 2 \(.*\) of the cluster's list contain private keys/,
    );
  });

  it('is a condition of the record, a reason in its slot and one event, and goes with the element', async () => {
    const rig = memoryRig({ elements: [withKey] });
    rig.add(trust('a', [0]));
    for (let pass = 0; pass < 3; pass++) {
      await rig.pass();
      rig.now += MINUTE;
    }
    const condition = () => rig.record?.conditions?.find(({ type }) => type === 'PrivateKeyInList');
    expect(condition()).toMatchObject({ status: 'True', reason: 'PrivateKey' });
    expect(rig.record?.slots?.[0]).toMatchObject({ opaque: true, reason: expect.stringContaining('private key') });
    const events = rig.events.filter(({ event }) => event.reason === 'PrivateKeyInList');
    expect(events.map(({ event }) => event.type)).toEqual(['Warning']);
    expect(quotesKey(JSON.stringify([rig.record, rig.events, [...rig.objects]]))).toBe(false);

    rig.arm = { ...rig.arm, elements: rig.arm.elements.filter((one) => one !== withKey) };
    await rig.pass();
    expect(condition()).toBeUndefined();
  });

  it('is still said while the cluster cannot be read', async () => {
    const rig = memoryRig({ elements: [withKey] });
    rig.add(trust('a', [0]));
    await rig.pass();
    rig.armIsAway = true;
    await rig.pass();
    expect(rig.record?.conditions?.some(({ type }) => type === 'PrivateKeyInList')).toBe(true);
  });
});

describe('a list of more than 32 KiB', () => {
  it('is measured as it is and as it shall be', () => {
    expect(sizeOfList(['aaaa', 'bb'], [{ keep: 1 }])).toBe(6);
    expect(sizeOfList(['aaaa', 'bb'], [{ keep: 0 }, { keep: 1 }, { add: 'cccc' }])).toBe(10);
  });

  it.each([
    [LARGE_LIST, false],
    [LARGE_LIST + 1, true],
  ])('is said from the first character too many on (%i)', (size, said) => {
    expect(listWarnings([], size).LargeList !== undefined).toBe(said);
  });

  it('is a condition of the record, also before it is sent', () => {
    const elements = [large(1, 24 * 1024)];
    const { record } = judge(observe({ intents: [intent('a', [0])], elements }));
    const [said] = record?.conditions?.filter(({ type }) => type === 'LargeList') ?? [];
    expect(said?.message).toMatch(/^The cluster's list has \d\d KiB\. AKS passes it to the nodes/);
    expect(
      judge(observe({ intents: [intent('a', [0])], elements: [element(1)] })).record?.conditions,
    ).not.toContainEqual(expect.objectContaining({ type: 'LargeList' }));
  });
});
