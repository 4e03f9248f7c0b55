import { describe, expect, it } from '@jest/globals';
import { targetFailures } from '../../../src/commands/controller/target-failures.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { silentLogger, type Logger } from '../../../src/runtime/logging.ts';

describe('failures of target API servers', () => {
  it('are logged with their cause, the same one of one server once in ten minutes', () => {
    const lines: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields: object) => void lines.push(fields) };
    let now = 0;
    const failures = targetFailures(logger, () => now);
    const refused = new KubernetesError(0, 'ECONNREFUSED', 'GET /api/v1/nodes: connect ECONNREFUSED 10.0.0.1:443');
    const unknown = new KubernetesError(0, 'ENOTFOUND', 'GET /api/v1/nodes: getaddrinfo ENOTFOUND b');
    for (let n = 0; n < 5; n++) {
      failures('https://a')(refused);
      failures('https://b')(unknown);
    }
    expect(lines).toEqual([
      { err: refused, server: 'https://a' },
      { err: unknown, server: 'https://b' },
    ]);
    failures('https://a')(unknown);
    expect(lines).toHaveLength(3);
    now = 600_000;
    failures('https://a')(refused);
    expect(lines).toHaveLength(4);
  });

  it('are none where the controller closed the connection itself', () => {
    const lines: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields: object) => void lines.push(fields) };
    const closed = new KubernetesError(0, 'UND_ERR_DESTROYED', 'GET /api/v1/events: The client is destroyed');
    targetFailures(logger, () => 0)('https://a')(closed);
    expect(lines).toEqual([]);
  });

  it('take no more memory for any number of servers', () => {
    let lines = 0;
    const failures = targetFailures({ ...silentLogger, warn: () => void lines++ }, () => 0);
    const error = new KubernetesError(0, 'ENOTFOUND', 'x');
    for (let n = 0; n < 3000; n++) failures(`https://${n}`)(error);
    failures('https://2999')(error);
    expect(lines).toBe(3000);
    failures('https://0')(error);
    expect(lines).toBe(3001);
  });
});
