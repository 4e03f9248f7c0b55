import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { armText } from '../../src/azure/arm-text.ts';
import { readClusterModel } from '../../src/azure/cluster-model.ts';
import { readErrorBody } from '../../src/azure/error-body.ts';
import { classifyFailure } from '../../src/azure/failures.ts';
import { describeLostCall } from '../../src/azure/lost-call.ts';
import { readOperationStatus } from '../../src/azure/operation-status.ts';
import { ANSWERS } from './arm-answers.ts';

/** Clears a terminal, turns what follows around, hides a character, ends a line. */
const HOSTILE = '\u001b[2J\u202egnorw\u200b\u0007 a\r\nb';
const SHOWN = String.raw`\u{1b}[2J\u{202e}gnorw\u{200b}\u{7} a b`;

describe('a text of ARM', () => {
  it('is shown on one line with nothing in it that moves, turns or hides text', () => {
    expect(armText(HOSTILE)).toBe(SHOWN);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(armText(text)).toMatch(/^(?:(?! $)[^\p{C}\p{Zl}\p{Zp}])*$/u);
      }),
    );
  });

  it.each(ANSWERS)('is left as it is where it does no harm: $what', ({ answer: { code, message } }) => {
    expect([armText(code), armText(message)]).toEqual([code, message]);
  });

  it('loses the query of every address in it', () => {
    const text =
      "See 'https://management.azure.com/subscriptions/s/operations/1?api-version=2017-08-31&t=6&s=HUSH' or HTTPS://x.example/?s=HUSH.";
    expect(armText(text)).toBe("See 'https://management.azure.com/subscriptions/s/operations/1' or HTTPS://x.example/");
  });

  it.each([
    ['See details.. Details: x. Contact support..', 'See details. Details: x. Contact support.'],
    ['Wait... and again...', 'Wait... and again...'],
    ['The path ../a..b is refused', 'The path ../a..b is refused'],
  ])('ends each sentence once: %s', (text, shown) => {
    expect(armText(text)).toBe(shown);
  });

  it('is bounded, in length and in the time it takes', () => {
    for (const filler of ['x', 'https://', 'https://x?', ' ', '\u202e', 'é😀']) {
      const started = performance.now();
      expect(armText(filler.repeat(1_000_000)).length).toBeLessThanOrEqual(2048);
      expect(performance.now() - started).toBeLessThan(1000);
    }
  });

  it.each([undefined, null, 7, {}, []])('that is %j is none', (value) => {
    expect(armText(value)).toBe('');
  });
});

describe('what is hostile stays outside', () => {
  const error = { code: `Code${HOSTILE}`, message: HOSTILE };
  const escaped = { code: `Code${SHOWN}`, message: SHOWN };

  it('in the body of an error, and in the fix that is made of it', () => {
    expect(readErrorBody(400, JSON.stringify({ error }))).toEqual(escaped);
    expect(readErrorBody(400, JSON.stringify(error))).toEqual(escaped);
    const message = `following scope(s) are locked: '/subscriptions/${HOSTILE}'.`;
    const body = readErrorBody(409, JSON.stringify({ code: 'ScopeLocked', message }));
    expect(classifyFailure({ status: 409, ...body }, 'PutManagedCluster').fix).toContain(
      'Remove the ReadOnly lock, or',
    );
  });

  it('in the end of an operation', () => {
    expect(readOperationStatus(JSON.stringify({ status: 'Failed', error }))).toEqual({ status: 'Failed', ...escaped });
  });

  it('in a cluster', () => {
    const properties = {
      provisioningState: HOSTILE,
      status: { provisioningError: error },
      agentPoolProfiles: [{ name: HOSTILE, provisioningState: HOSTILE }],
    };
    expect(readClusterModel(JSON.stringify({ name: 'c', properties }))).toMatchObject({
      provisioningState: SHOWN,
      provisioningError: escaped,
      pools: [{ name: SHOWN, provisioningState: SHOWN }],
    });
  });

  it('in what signing in says', () => {
    const text = `AADSTS90002: ${HOSTILE.replace('\r\n', '')}\nmore`;
    expect(describeLostCall(new Error(text)).message).toBe(`AADSTS90002: ${SHOWN.replace('a b', 'ab')}`);
    expect(describeLostCall(new Error('read \u001b[2JECONNRESET')).message).toBe(String.raw`read \u{1b}[2JECONNRESET`);
  });
});
