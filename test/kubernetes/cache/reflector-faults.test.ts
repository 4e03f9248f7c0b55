import { describe, expect, it } from '@jest/globals';
import { ScriptedReflector } from '../scripted-reflector.ts';
import { json, lines, status, type Step } from '../scripted-server.ts';
import { added, bookmark, event, gone, inShort, list, listEnd, thing } from '../things.ts';

const isPause = (ms: number) => ms <= 30_000;
const MINUTES = 60;

const bare = { type: 'BOOKMARK', object: { kind: 'Thing', apiVersion: 'v1', metadata: {} } };
const expired = { type: 'ERROR', object: status(410, 'Expired', 'too old resource version') };
const unauthorized = json(401, status(401, 'Unauthorized', 'Unauthorized'));

/** A fault of every watch, and the list that stays as it is. */
const FAULTS: readonly (readonly [what: string, watch: () => Step])[] = [
  ['410 for ever', () => gone],
  ['410 for ever, each time after an event', () => lines([added(thing('b', 6)), expired])],
  ['401 for ever', () => unauthorized],
  ['a bookmark without a resourceVersion', () => lines([bare])],
  ['a bookmark without a resourceVersion after an event', () => lines([added(thing('b', 6)), bare])],
  ['an end at once', () => lines([])],
  ['an end at once after a bookmark', () => lines([bookmark(6)])],
  ['an end at once after the same event', () => lines([added(thing('b', 6))])],
  ['an end at once after an event of another version each time', () => versions(1)],
  ['resourceVersions that go backwards', () => versions(-1)],
  ['resourceVersions that are no numbers', () => lines([{ type: 'MODIFIED', object: withVersion('\u0000é') }])],
];

function withVersion(resourceVersion: string) {
  const object = thing('b', 6);
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function versions(step: number): Step {
  let version = 1_000_000;
  return (request, response) => lines([{ type: 'MODIFIED', object: thing('b', (version += step)) }])(request, response);
}

/** Without the first request, which asks whether the server streams lists. */
describe.each(['pages', 'streams'] as const)(
  'a watch with a fault that does not end, of a server with %s',
  (server) => {
    const rig = new ScriptedReflector(server);

    it.each(FAULTS)(
      '%s: bounded requests, one copy of each object, and all is right once it ends',
      async (_what, make) => {
        let broken = true;
        const faulty = make();
        const later = thing('c', 2_000_000);
        const items = [thing('a', 1), thing('b', 5)];
        await rig.against((request, response) => {
          const kind = inShort(request.asked);
          if (kind === 'list') return list('5', items)(request, response);
          if (kind === 'stream')
            return lines([...items.map(added), listEnd(5), ...(broken ? [] : [added(later)])], { open: !broken })(
              request,
              response,
            );
          return (broken ? faulty : event('ADDED', later))(request, response);
        });
        await rig.recording.synced;
        const begun = rig.clock.now();
        let pauses = 0;
        while (rig.clock.now() - begun < MINUTES * 60_000) {
          await rig.nextPause(isPause);
          pauses += 1;
        }
        // Pauses double up to between 15 and 30 s.
        expect(pauses).toBeLessThan(MINUTES * 4 + 20);
        // At most a list and two watches for each pause.
        expect(rig.server.asked.length).toBeLessThan(3 * pauses + 10);
        expect([...rig.recording.store.objects()].map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
        expect(rig.recording.reflector.isStuck(rig.clock.now())).toBe(false);
        await rig.clock.untilTimer(isPause);
        broken = false;
        await rig.nextPause(isPause);
        while (rig.recording.store.get('n', 'c') === undefined)
          await rig.recording.until(rig.recording.changes.length + 1);
        expect(rig.recording.store.get('n', 'a')).toBeDefined();
      },
    );
  },
);
