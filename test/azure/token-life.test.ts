import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCredential, type TokenCredential } from '../../src/azure/credentials.ts';
import { createRenewableCredential } from '../../src/azure/renewable-credential.ts';
import { createTokenLife } from '../../src/azure/token-life.ts';
import { createTransport } from '../../src/azure/transport.ts';
import { startArmRig, type ArmRig } from './arm-rig.ts';
import { startScriptedArm, type ScriptedArm } from './scripted-arm.ts';

const MINUTE = 60_000;

let rig: ArmRig;
let arm: ScriptedArm;
beforeAll(async () => {
  [rig, arm] = await Promise.all([startArmRig(), startScriptedArm()]);
});
afterAll(() => Promise.all([rig.simulator.stop(), arm.stop()]));

/** A transport to the scripted ARM whose tokens are counted, and last for so long. */
async function scripted(lasts: () => number) {
  let made = 0;
  const make = async (): Promise<TokenCredential> => ({
    getToken: () => Promise.resolve({ token: `t${++made}`, expiresOnTimestamp: Date.now() + lasts() }),
  });
  const cloud = { authorityHost: arm.url, endpoint: arm.url, scope: `${arm.url}/.default` };
  const credential = await createRenewableCredential(make);
  const transport = createTransport({ cloud, credential, apiVersion: '2026-06-01', ca: arm.ca, timeoutMs: 5000 });
  const send = async () => {
    await transport.send({ method: 'GET', target: '/subscriptions' });
    return arm.seen.at(-1)?.headers.authorization;
  };
  return { transport, send, made: () => made };
}

describe('a renewable credential', () => {
  it('gets another token from the authority although the library keeps one, and keeps that', async () => {
    const options = { cloud: rig.cloud, disableInstanceDiscovery: true, ca: [rig.simulator.caPem] };
    const credential = await createRenewableCredential(() => createCredential(rig.secret, options));
    const get = async () => (await credential.getToken(rig.cloud.scope))?.token;
    const first = await get();
    expect(await get()).toBe(first);
    const { token } = await credential.renew(rig.cloud.scope);
    expect(token).not.toBe(first);
    expect(await get()).toBe(token);
  });

  it('keeps the token that it has where the authority gives no other one', async () => {
    const options = { cloud: rig.cloud, disableInstanceDiscovery: true, ca: [rig.simulator.caPem] };
    const credential = await createRenewableCredential(() => createCredential(rig.secret, options));
    const first = await credential.getToken(rig.cloud.scope);
    rig.simulator.faults.add({ operation: 'GetToken', status: 400, rawBody: '{"error":"invalid_client"}' });
    await expect(credential.renew(rig.cloud.scope)).rejects.toThrow();
    expect(await credential.getToken(rig.cloud.scope)).toEqual(first);
  });
});

describe('the token for ARM', () => {
  it('is sent with every request after it was renewed, and not before', async () => {
    const { transport, send } = await scripted(() => 90 * MINUTE);
    expect(transport.token?.endsAt()).toBeUndefined();
    expect([await send(), await send()]).toEqual(['Bearer t1', 'Bearer t1']);
    expect(transport.token?.endsAt()).toBeGreaterThan(Date.now() + 89 * MINUTE);
    await transport.token?.renew();
    const [after, later] = [await send(), await send()];
    expect(after).not.toBe('Bearer t1');
    expect(later).toBe(after);
  });

  it('is left as it is where it lasts for an hour, and renewed where it does not', async () => {
    let now = Date.now();
    const { transport, send, made } = await scripted(() => 61 * MINUTE);
    const life = createTokenLife(transport, () => now);
    await send();
    expect(await life()).toEqual({ ok: true, endsAt: transport.token?.endsAt() });
    expect(made()).toBe(1);
    now += 2 * MINUTE;
    expect(await life()).toMatchObject({ ok: true });
    expect(made()).toBe(2);
  });

  it('is renewed only every five minutes where tokens last no longer, and by one request for all that ask', async () => {
    let now = Date.now();
    const { transport, made } = await scripted(() => 59 * MINUTE);
    const life = createTokenLife(transport, () => now);
    const all = await Promise.all([life(), life(), life()]);
    expect(new Set(all).size).toBe(1);
    now += 4 * MINUTE;
    expect(await life()).toBe(all[0]);
    expect(made()).toBe(1);
    now += MINUTE;
    expect(await life()).not.toBe(all[0]);
    expect(made()).toBe(2);
  });

  it('that cannot be renewed is a failure, which is tried again after a minute and quotes no secret', async () => {
    let [now, asked] = [Date.now(), 0];
    const token = {
      endsAt: () => now + MINUTE,
      renew: () => {
        asked += 1;
        const error = new Error('AADSTS7000215: Invalid client secret provided. Trace ID: 1 hush-hush');
        return Promise.reject(Object.assign(error, { name: 'AuthenticationError' }));
      },
    };
    const life = createTokenLife({ token }, () => now);
    expect(await life()).toEqual({ ok: false, message: 'AADSTS7000215: Invalid client secret provided.' });
    await life();
    expect(asked).toBe(1);
    now += MINUTE;
    await life();
    expect(asked).toBe(2);
  });

  it('of a transport that does not show it is not known', async () => {
    expect(await createTokenLife(arm.transport(), Date.now)()).toBeUndefined();
  });
});
