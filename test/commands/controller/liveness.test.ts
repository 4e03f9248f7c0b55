import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { livenessChecks, readinessChecks } from '../../../src/commands/controller/serving.ts';
import { createOutstanding } from '../../../src/kubernetes/client/outstanding.ts';
import { createHealthServer, type HealthServer } from '../../../src/runtime/health.ts';
import { silentLogger } from '../../../src/runtime/logging.ts';

describe('the liveness of a controller', () => {
  let server: HealthServer | undefined;
  let now = 0;
  let stuck = false;
  const outstanding = createOutstanding(() => now);

  afterEach(() => server?.stop());

  it('ends when a request has not ended a minute after its deadline, or a cache has stopped; and for nothing else', async () => {
    server = createHealthServer({
      address: '127.0.0.1:0',
      live: livenessChecks({ isStuck: () => stuck }, outstanding),
      logger: silentLogger,
    });
    const { port } = await server.start();
    const ask = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
      return `${answer.status} ${(await answer.text()).trim()}`;
    };
    expect(await ask()).toBe('200 ok');
    const end = outstanding.began('GET /api/v1/namespaces/team/secrets/nodes', 30_000);
    outstanding.began('GET /other', 30_000)();
    now = 90_000;
    expect(await ask()).toBe('200 ok');
    now = 90_001;
    // The answer shows no names.
    expect(await ask()).toBe('503 A request to an API server did not end within a minute after its deadline.');
    end();
    expect(await ask()).toBe('200 ok');
    stuck = true;
    expect(await ask()).toBe('503 A cache has stopped, and only a restart resolves that.');
  });
});

describe('the page of health', () => {
  it('has the answer of each check that fails', () => {
    const page = readFileSync(new URL('../../../docs/reference/health.md', import.meta.url), 'utf8');
    const outstanding = createOutstanding(() => 90_001);
    outstanding.began('GET /x', 30_000);
    const checks = [livenessChecks({ isStuck: () => true }, outstanding), readinessChecks({ hasSynced: () => false })];
    const answers = checks.flatMap((one) => Object.values(one).map((check) => check() ?? 'ok'));
    expect(answers).toHaveLength(3);
    for (const answer of answers) expect(page).toContain(`| ${answer} `);
  });
});
