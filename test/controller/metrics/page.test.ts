import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

function namesIn(text: string, form: RegExp): string[] {
  return [...new Set([...text.matchAll(form)].map(([, name]) => name!))].sort();
}

describe('the page of metrics', () => {
  it('has a row for each metric of the controller, and no other', () => {
    const sources = globSync('src/**/*.ts', { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8'));
    const page = readFileSync(join(ROOT, 'docs/reference/metrics.md'), 'utf8');
    const exposed = namesIn(sources.join('\n'), /'(aks_ca_trust_[a-z_]+)'/g);
    expect(exposed.length).toBeGreaterThan(20);
    expect(namesIn(page, /^\| `(aks_ca_trust_[a-z_]+)`/gm)).toEqual(exposed);
  });
});
