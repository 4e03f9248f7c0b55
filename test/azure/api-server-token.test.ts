import { describe, expect, it } from '@jest/globals';
import type { AccessToken, TokenCredential } from '@azure/identity';
import { createApiServerToken } from '../../src/azure/api-server-token.ts';

const START = Date.parse('2026-11-22T00:00:00Z');
const MINUTE = 60_000;

/** A credential whose tokens live an hour, counted, and that fails when told to. */
function signingIn(change: Partial<AccessToken> = {}) {
  const scopes: (string | string[])[] = [];
  const state = { now: START, fails: undefined as Error | undefined, scopes };
  const credential: TokenCredential = {
    async getToken(scope) {
      scopes.push(scope);
      if (state.fails) throw state.fails;
      return { token: `t${scopes.length}`, expiresOnTimestamp: state.now + 60 * MINUTE, ...change };
    },
  };
  return { state, token: createApiServerToken(credential, () => state.now) };
}

describe('the token for API servers', () => {
  it("is made out to AKS' server application", async () => {
    const { state, token } = signingIn();
    expect(await token.current()).toBe('t1');
    expect(state.scopes).toEqual(['6dae42f8-4368-4678-94ff-3960e28e3630/.default']);
  });

  it('is asked for once by however many want it at a time, and kept', async () => {
    const { state, token } = signingIn();
    expect(await Promise.all([token.current(), token.current(), token.current()])).toEqual(['t1', 't1', 't1']);
    state.now += 54 * MINUTE;
    expect(await token.current()).toBe('t1');
    expect(state.scopes).toHaveLength(1);
  });

  it('is renewed minutes before it ends', async () => {
    const { state, token } = signingIn();
    await token.current();
    state.now += 55 * MINUTE;
    expect(await token.current()).toBe('t2');
  });

  it('is renewed when Microsoft Entra asks for it', async () => {
    const { state, token } = signingIn({ refreshAfterTimestamp: START + 30 * MINUTE });
    await token.current();
    state.now += 30 * MINUTE;
    expect(await token.current()).toBe('t2');
  });

  it('is used while a new one cannot be had, up to its end', async () => {
    const { state, token } = signingIn();
    await token.current();
    state.fails = new Error('getaddrinfo ENOTFOUND login');
    state.now += 59 * MINUTE;
    expect(await token.current()).toBe('t1');
    state.now += MINUTE;
    await expect(token.current()).rejects.toThrow('ENOTFOUND');
  });

  it('is not used again once an API server has refused it', async () => {
    const { state, token } = signingIn();
    await token.current();
    token.distrust();
    expect(await token.current()).toBe('t2');
    token.distrust();
    state.fails = new Error('getaddrinfo ENOTFOUND login');
    await expect(token.current()).rejects.toThrow('ENOTFOUND');
  });

  it('is asked for again after a failure', async () => {
    const { state, token } = signingIn();
    state.fails = Object.assign(new Error('400 AADSTS700016: Application not found. Trace ID: secret'), {
      name: 'AuthenticationError',
    });
    await expect(token.current()).rejects.toThrow(/^AADSTS700016: Application not found\.$/);
    state.fails = undefined;
    expect(await token.current()).toBe('t2');
  });
});
