import { describe, expect, it } from '@jest/globals';
import { settled } from '../../runtime/manual-clock.ts';
import { ScriptedReflector } from '../scripted-reflector.ts';
import { json, lines, status, type Step } from '../scripted-server.ts';
import { bookmark, event, gone, inShort, list, quiet, thing } from '../things.ts';

/** Pauses are at most this long, the timers that end dead watches longer. */
const isPause = (ms: number) => ms <= 30_000;

describe('a reflector against a server that lists in pages', () => {
  const rig = new ScriptedReflector('pages');
  const against = (...steps: Step[]) => rig.against(...steps);
  /** Without the streaming list that was refused. */
  const asked = () => rig.server.asked.slice(1).map(inShort);
  const nextPause = () => rig.nextPause(isPause);

  it('lists page by page, then watches from the last version of the list with bookmarks', async () => {
    await against(list('5', [thing('a', 1)], 'more'), list('5', [thing('b', 2)]), event('MODIFIED', thing('a', 6)));
    await rig.recording.until(3);
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'updated a']);
    expect(asked()).toEqual(['list', 'list on more', 'watch from 5']);
    expect(rig.server.asked[1]?.searchParams.get('limit')).toBe('500');
    expect(rig.server.asked[3]?.searchParams.get('allowWatchBookmarks')).toBe('true');
    expect(rig.server.asked[3]?.searchParams.get('timeoutSeconds')).toBe('300');
  });

  it('lists in one piece when the first page expires while it reads the later ones', async () => {
    await against(list('5', [thing('a', 1)], 'more'), gone, list('9', [thing('b', 9)]), quiet);
    await rig.recording.synced;
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'deleted a']);
    expect(rig.server.asked[3]?.searchParams.get('limit')).toBe('0');
  });

  it('is synced only when everything of the first list is in the store and was said', async () => {
    await against(json(503, status(503, 'ServiceUnavailable', 'starting')), list('5', [thing('a', 1)]), quiet);
    await rig.clock.untilTimer(isPause);
    expect(rig.recording.hasSynced()).toBe(false);
    await rig.clock.advance(800);
    await rig.recording.synced;
    expect(rig.recording.hasSynced()).toBe(true);
    expect(rig.recording.store.get('n', 'a')).toBeDefined();
    expect(rig.recording.said()).toEqual(['added a']);
  });

  it('goes on from the last bookmark, without a new list, when the server ends a watch', async () => {
    await against(
      list('5', []),
      lines([{ type: 'ADDED', object: thing('a', 6) }, bookmark(8)]),
      event('DELETED', thing('a', 9)),
    );
    await rig.recording.until(2);
    expect(rig.recording.said()).toEqual(['added a', 'deleted a']);
    expect(asked()).toEqual(['list', 'watch from 5', 'watch from 8']);
  });

  it('pauses longer and longer between watches that end at once and say nothing', async () => {
    await against(list('5', []), lines([]), lines([bookmark(6)]), lines([]), quiet);
    expect([await nextPause(), await nextPause(), await nextPause()]).toEqual([800, 1600, 3200]);
    await rig.server.untilAsked(6);
    expect(asked()).toEqual(['list', 'watch from 5', 'watch from 5', 'watch from 6', 'watch from 6']);
  });

  it('pauses as long as the server asks before it watches again from the same version', async () => {
    await against(list('5', []), json(429, status(429, 'TooManyRequests', 'busy', 20)), event('ADDED', thing('a', 6)));
    expect(await nextPause()).toBe(20_000);
    await rig.recording.until(1);
    expect(asked()).toEqual(['list', 'watch from 5', 'watch from 5']);
  });

  it('starts with the shortest pause again once a watch was of use', async () => {
    await against(list('5', []), lines([]), lines([]), event('ADDED', thing('a', 6), false), lines([]), quiet);
    expect([await nextPause(), await nextPause()]).toEqual([800, 1600]);
    await rig.recording.until(1);
    expect(await nextPause()).toBe(800);
  });

  it('keeps what it saw of a watch that breaks off in the middle of a line', async () => {
    await against(
      list('5', []),
      lines([{ type: 'ADDED', object: thing('a', 6) }, '{"type":"ADDED","obj']),
      event('ADDED', thing('b', 7)),
    );
    await rig.recording.until(1);
    await nextPause();
    await rig.recording.until(2);
    expect(asked()).toEqual(['list', 'watch from 5', 'watch from 6']);
  });

  it.each([
    ['the watch is refused as expired', () => gone],
    ['the watch says that it is expired', () => lines([{ type: 'ERROR', object: status(410, 'Expired', 'too old') }])],
    [
      'the rig.server was restored to an earlier time',
      () => json(504, status(504, 'Timeout', 'Too large resource version: 5, current: 2')),
    ],
  ])('lists anew when %s', async (_when, refusal) => {
    await against(
      list('5', [thing('a', 1), thing('b', 2)]),
      refusal(),
      list('9', [thing('b', 8), thing('c', 9)]),
      quiet,
    );
    await nextPause();
    await rig.recording.until(5);
    expect(rig.recording.said()).toEqual(['added a', 'added b', 'updated b', 'added c', 'deleted a']);
    expect(asked().slice(0, 3)).toEqual(['list', 'watch from 5', 'list']);
  });

  it('says deleted and added when an object was made again in a gap', async () => {
    await against(list('5', [thing('a', 1, 'old')]), gone, list('9', [thing('a', 8, 'new')]), quiet);
    await nextPause();
    await rig.recording.until(3);
    expect(rig.recording.said()).toEqual(['added a', 'deleted a', 'added a']);
    expect(rig.recording.changes[1]?.object.metadata.uid).toBe('old');
    expect(rig.recording.store.get('n', 'a')?.metadata.uid).toBe('new');
  });

  it('says nothing of objects that are the same in a new list', async () => {
    await against(list('5', [thing('a', 1)]), gone, list('9', [thing('a', 1), thing('b', 9)]), quiet);
    await nextPause();
    await rig.recording.until(2);
    expect(rig.recording.said()).toEqual(['added a', 'added b']);
  });

  it('ends a watch that has died without a word, and watches again', async () => {
    await against(list('5', []), quiet, event('ADDED', thing('a', 6)));
    await rig.recording.synced;
    await rig.clock.advance(1);
    // Before the headers of the answer are there, it is no watch yet.
    while (rig.recording.reflector.lastContact() !== rig.clock.now()) await settled();
    await rig.clock.advance(89_999);
    expect(asked()).toEqual(['list', 'watch from 5']);
    await rig.clock.advance(1);
    await rig.recording.until(1);
    expect(asked()).toEqual(['list', 'watch from 5', 'watch from 5']);
  });

  it('goes on when a handler throws', async () => {
    rig.onChange = () => {
      throw new Error('handler');
    };
    await against(list('5', [thing('a', 1)]), event('ADDED', thing('b', 6)));
    await rig.recording.until(2);
    expect(rig.recording.said()).toEqual(['added a', 'added b']);
  });

  it('stops during a pause', async () => {
    await against(json(500, {}));
    await rig.clock.untilTimer(isPause);
    await rig.recording.stop();
    expect(asked()).toEqual(['list']);
  });
});
