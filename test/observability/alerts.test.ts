import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { toolPath } from '../go-tools/find.ts';
import { CASES } from './alert-cases.ts';
import { ROOT, RULES, RULES_FILE } from './rules.ts';
import type { AlertCase } from './series.ts';

const RUNBOOKS = join(ROOT, 'docs/runbooks');
const promtool = toolPath('promtool');
const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One case as promtool reads it. */
function unitTest({ alert, at, labels, summary, ...series }: AlertCase, kind: 'fires' | 'quiet') {
  const rule = RULES.find((one) => one.alert === alert)!;
  const { description, runbook_url } = rule.annotations;
  const expected = {
    exp_labels: { ...labels, ...rule.labels },
    // No description has a variable.
    exp_annotations: { summary, description, runbook_url },
  };
  return {
    name: `${alert} ${kind}`,
    interval: '1m',
    input_series: Object.entries(series[kind]).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: `${at}m`, alertname: alert, exp_alerts: kind === 'fires' ? [expected] : [] }],
  };
}

(promtool === undefined ? describe.skip : describe)('the alerting rules, by promtool', () => {
  const run = (...args: string[]) => execFileSync(promtool!, args, { encoding: 'utf8', stdio: 'pipe' });

  it('are accepted, with every lint on', () => {
    expect(run('check', 'rules', '--lint=all', '--lint-fatal', RULES_FILE)).toContain(
      `SUCCESS: ${RULES.length} rules found`,
    );
  });

  it('fire each with the object or cluster in its summary, and stay quiet close by', () => {
    // Rules are evaluated once a minute, which nothing needs that goes on for hours.
    const groups = Map.groupBy(CASES, ({ at }) => (at > 120 ? '5m' : '1m'));
    const files = [...groups].map(([evaluation_interval, cases]) => {
      const tests = cases.flatMap((one) => [unitTest(one, 'fires'), unitTest(one, 'quiet')]);
      const file = join(folder, `every-${evaluation_interval}.yaml`);
      writeFileSync(file, stringify({ rule_files: [RULES_FILE], evaluation_interval, tests }));
      return file;
    });
    expect(files).toHaveLength(2);
    expect(run('test', 'rules', ...files).match(/SUCCESS/g)).toHaveLength(2);
  }, 180_000);
});

describe('the alerting rules', () => {
  it('have a case that fires and one that does not, each of them', () => {
    expect([...new Set(CASES.map(({ alert }) => alert))]).toEqual(RULES.map(({ alert }) => alert));
  });

  it('have a runbook page each, with the sections that a person on call needs, and no page is without an alert', () => {
    const pages = readdirSync(RUNBOOKS).filter((file) => file !== 'README.md');
    expect(pages.sort()).toEqual(RULES.map(({ alert }) => `${alert}.md`).sort());
    for (const { alert, annotations } of RULES) {
      expect(annotations.runbook_url).toBe(`docs/runbooks/${alert}.md`);
      const text = readFileSync(join(RUNBOOKS, `${alert}.md`), 'utf8');
      expect(text.match(/^#+ .*$/gm)).toEqual([`# ${alert}`, '## Meaning', '## Impact', '## Diagnosis', '## Fix']);
    }
  });

  it('have a severity, and name object and cluster in the summary wherever they have these labels', () => {
    for (const { alert, expr, labels, annotations } of RULES) {
      expect(['critical', 'warning', 'info']).toContain(labels['severity']);
      const grouped = /^[^(]*(?:max|min|sum) by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
      for (const label of grouped.filter((one) => ['namespace', 'target_cluster'].includes(one)))
        expect({ alert, summary: annotations.summary }).toEqual({
          alert,
          summary: expect.stringContaining(`$labels.${label}`),
        });
    }
  });
});
