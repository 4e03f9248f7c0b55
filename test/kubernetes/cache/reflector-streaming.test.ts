import { describe, expect, it } from '@jest/globals';
import { settled } from '../../runtime/manual-clock.ts';
import { ScriptedReflector } from '../scripted-reflector.ts';
import { json, lines, status, type Step } from '../scripted-server.ts';
import { added, bookmark, event, gone, inShort, list, listEnd, noStreams, quiet, thing } from '../things.ts';

const isPause = (ms: number) => ms < 20_000;

describe('a reflector against a server that streams lists', () => {
  const rig = new ScriptedReflector('streams');
  const against = (...steps: Step[]) => rig.against(...steps);
  const asked = () => rig.server.asked.map(inShort);
  const nextPause = () => rig.nextPause(isPause);

  it('lists and watches by one request', async () => {
    const later = { type: 'MODIFIED', object: thing('a', 6) };
    await against(lines([added(thing('a', 1)), added(thing('b', 2)), listEnd(5), later], { open: true }));
    await rig.recording.until(3);
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'updated a']);
    expect(rig.server.asked).toHaveLength(1);
    expect(Object.fromEntries(rig.server.asked[0]?.searchParams ?? [])).toEqual({
      watch: '1',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '300',
    });
  });

  it('has each object in the store as it comes, and is synced when the server says that this was all', async () => {
    const end = Promise.withResolvers<void>();
    await against((request, response) => {
      lines([added(thing('a', 1))], { open: true })(request, response);
      void end.promise.then(() => response.write(`${JSON.stringify(listEnd(5))}\n`));
    });
    await rig.recording.until(1);
    expect(rig.recording.store.get('n', 'a')).toBeDefined();
    expect(rig.recording.reflector.hasSynced()).toBe(false);
    end.resolve();
    await rig.recording.synced;
    expect(rig.recording.reflector.hasSynced()).toBe(true);
  });

  it('goes on from the end of the list when the stream ends', async () => {
    const end = Promise.withResolvers<void>();
    await against(
      (request, response) => {
        lines([added(thing('a', 1)), listEnd(5)], { open: true })(request, response);
        void end.promise.then(() => response.end());
      },
      event('MODIFIED', thing('a', 6)),
    );
    await rig.recording.synced;
    await rig.clock.advance(1000);
    end.resolve();
    await rig.recording.until(2);
    expect(asked()).toEqual(['stream', 'watch from 5']);
  });

  it('lists in pages, from then on, where the server refuses to stream', async () => {
    await against(noStreams, list('5', [thing('a', 1)]), gone, list('9', [thing('a', 9)]), quiet);
    await nextPause();
    await rig.recording.until(2);
    expect(asked().slice(0, 4)).toEqual(['stream', 'list', 'watch from 5', 'list']);
  });

  it.each([403, 404, 429, 500, 503])('takes a %d for no such refusal', async (code) => {
    await against(
      json(code, status(code, 'Reason', 'text')),
      lines([added(thing('a', 1)), listEnd(5)], { open: true }),
    );
    await nextPause();
    await rig.recording.synced;
    expect(asked()).toEqual(['stream', 'stream']);
  });

  it('lists in pages where the server watches, and knows no end of a list', async () => {
    await against(
      lines([added(thing('a', 1)), added(thing('b', 2)), bookmark(5)], { open: true }),
      list('6', [thing('a', 1)]),
      quiet,
    );
    await rig.recording.synced;
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'deleted b']);
    await rig.server.untilAsked(3);
    expect(asked()).toEqual(['stream', 'list', 'watch from 6']);
  });

  it('lists in pages where a stream falls silent in the middle of the list', async () => {
    await against(lines([added(thing('a', 1))], { open: true }), list('6', [thing('b', 2)]), quiet);
    await rig.recording.until(1);
    await rig.clock.advance(19_999);
    expect(asked()).toEqual(['stream']);
    await rig.clock.advance(1);
    await rig.recording.synced;
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'deleted a']);
  });

  it('may be silent for longer once the list is complete', async () => {
    await against(lines([listEnd(5)], { open: true }));
    await rig.recording.synced;
    await rig.clock.advance(89_000);
    expect(asked()).toEqual(['stream']);
  });

  it('streams again after a break in the middle, and takes nothing for gone before a list is complete', async () => {
    const broken: Step = (request, response) => {
      lines([added(thing('a', 1)), added(thing('b', 2))], { open: true })(request, response);
      void rig.recording.until(2).then(() => response.destroy());
    };
    await against(broken, lines([added(thing('b', 2)), added(thing('c', 3)), listEnd(9)], { open: true }));
    await nextPause();
    await rig.recording.synced;
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'added c', 'deleted a']);
    expect(asked()).toEqual(['stream', 'stream']);
  });

  describe('shows nothing of a later list before all of it is there', () => {
    async function lookAfterHalf(): Promise<void> {
      void rig.recording.reflector.refresh();
      await rig.clock.untilTimer(isPause);
      expect(rig.recording.said()).toEqual(['added a']);
      expect([...rig.recording.store.objects()].map(({ metadata }) => metadata.resourceVersion)).toEqual(['1']);
    }
    const half = [thing('a', 8), thing('b', 9)];

    it('by stream', async () => {
      await against(lines([added(thing('a', 1)), listEnd(5)], { open: true }), lines(half.map(added)));
      await rig.recording.synced;
      await lookAfterHalf();
    });

    it('in pages', async () => {
      await against(noStreams, list('5', [thing('a', 1)]), quiet, list('9', half, 'more'), json(500, {}));
      await rig.recording.synced;
      await rig.server.untilAsked(3);
      await lookAfterHalf();
      expect(asked()).toEqual(['stream', 'list', 'watch from 5', 'list', 'list on more']);
    });
  });

  it('has the last word of a stream on each object when it shows a later list', async () => {
    const again = [
      added(thing('a', 7)),
      added(thing('b', 8)),
      added(thing('c', 3)),
      { type: 'MODIFIED', object: thing('a', 9) },
      { type: 'DELETED', object: thing('b', 10) },
      { type: 'DELETED', object: thing('c', 11) },
      listEnd(12),
    ];
    await against(
      lines([added(thing('a', 1)), added(thing('c', 3)), listEnd(5)], { open: true }),
      lines(again, { open: true }),
    );
    await rig.recording.synced;
    await rig.recording.reflector.refresh();
    expect(rig.recording.said()).toEqual(['added a', 'added c', 'updated a', 'deleted c']);
    expect(rig.recording.store.get('n', 'a')?.metadata.resourceVersion).toBe('9');
  });

  it('streams again when the server says in the middle that it cannot go on', async () => {
    await against(
      lines([added(thing('a', 1)), { type: 'ERROR', object: status(410, 'Expired', 'too old') }]),
      lines([added(thing('b', 2)), listEnd(9)], { open: true }),
    );
    await nextPause();
    await rig.recording.until(3);
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'deleted a']);
  });

  it('streams again, after a pause, when a stream ends before the list does', async () => {
    await against(lines([added(thing('a', 1))]), lines([]), lines([listEnd(9)], { open: true }));
    expect([await nextPause(), await nextPause()]).toEqual([800, 1600]);
    await rig.recording.synced;
    expect(rig.recording.said()).toEqual(['added a', 'deleted a']);
  });

  it('pauses between lists whose watch expires as soon as they are complete', async () => {
    const expired = { type: 'ERROR', object: status(410, 'Expired', 'too old') };
    await against(lines([added(thing('a', 1)), listEnd(5), expired]));
    expect([await nextPause(), await nextPause(), await nextPause()]).toEqual([800, 1600, 3200]);
  });

  it('says at the end of the list what was deleted, changed and made again in a gap', async () => {
    await against(
      (request, response) => {
        lines([added(thing('a', 1)), added(thing('b', 2)), added(thing('c', 3, 'old')), listEnd(5)])(request, response);
      },
      gone,
      lines([added(thing('b', 8)), added(thing('c', 9, 'new')), listEnd(9)], { open: true }),
    );
    // Once for the stream that ended as soon as it began, once for the watch that expired as it began.
    await nextPause();
    await nextPause();
    await rig.recording.until(7);
    expect(rig.recording.said().slice(3)).toEqual(['updated b', 'deleted c', 'added c', 'deleted a']);
    expect(rig.recording.changes.at(4)?.object.metadata.uid).toBe('old');
  });

  it('believes a deletion that comes before the end of the list', async () => {
    const deleted = { type: 'DELETED', object: thing('a', 4) };
    await against(lines([added(thing('a', 1)), added(thing('b', 2)), deleted, listEnd(5)], { open: true }));
    await rig.recording.synced;
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'deleted a']);
    expect([...rig.recording.store.objects()].map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  describe('when a list is asked for', () => {
    it('does not take one that had begun before', async () => {
      await against(quiet, lines([added(thing('a', 1)), listEnd(5)], { open: true }));
      await rig.server.untilAsked(1);
      await rig.recording.reflector.refresh();
      expect(asked()).toEqual(['stream', 'stream']);
    });

    it('does not take one in pages that had begun before', async () => {
      const answer = Promise.withResolvers<void>();
      const slow: Step = (request, response) => void answer.promise.then(() => list('5', [])(request, response));
      await against(noStreams, slow, list('6', [thing('a', 6)]), quiet);
      await rig.server.untilAsked(2);
      const first = rig.recording.reflector.refresh();
      const second = rig.recording.reflector.refresh();
      answer.resolve();
      await Promise.all([first, second]);
      expect(rig.recording.said()).toEqual(['added a']);
      expect(asked().slice(0, 3)).toEqual(['stream', 'list', 'list']);
    });

    it('still pauses between attempts that fail', async () => {
      await against(lines([listEnd(5)], { open: true }), json(500, {}));
      await rig.recording.synced;
      void rig.recording.reflector.refresh();
      expect([await nextPause(), await nextPause(), await nextPause()]).toEqual([800, 1600, 3200]);
      await settled();
    });
  });
});
