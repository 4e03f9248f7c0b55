import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { toolPath } from '../go-tools/find.ts';
import { EXPRESSIONS, faultsOf, PANEL_EXPRESSIONS } from './expressions.ts';

const promtool = toolPath('promtool');

describe('the expressions of alerts and dashboard', () => {
  it('use metrics and labels of the reference only', () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(60);
    expect(EXPRESSIONS.flatMap((expr) => faultsOf(expr))).toEqual([]);
  });

  it.each([
    ['rate(aks_ca_trust_arm_request_total[5m])', 'no metric aks_ca_trust_arm_request_total'],
    ['sum by (queue) (workqueue_depth{job="a"})', 'nothing has the label queue'],
    ['workqueue_depth{queue="a"}', 'workqueue_depth has no label queue'],
    ['aks_ca_trust_arm_request_duration_seconds > 1', 'no metric aks_ca_trust_arm_request_duration_seconds'],
  ])('%s would be found', (expr, fault) => {
    expect(faultsOf(expr)).toEqual([fault]);
  });
});

(promtool === undefined ? describe.skip : describe)('the expressions of the dashboard, by promtool', () => {
  it('are PromQL', () => {
    const rules = PANEL_EXPRESSIONS.map(({ expr }, index) => ({ record: `panel:${index}`, expr }));
    const input = stringify({ groups: [{ name: 'dashboard', rules }] });
    const output = execFileSync(promtool!, ['check', 'rules', '--lint=none'], {
      input,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(output).toContain(`SUCCESS: ${rules.length} rules found`);
  });
});
