import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { renderChart } from '../deploy/chart.ts';
import { blocksOf } from '../docs/commands.ts';
import { toolPath } from '../go-tools/find.ts';

const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-monitor-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the block of the page that has this key at its top into a file. */
function saveBlock(key: string): { file: string; content: Record<string, unknown> } {
  const blocks = blocksOf('docs/how-to/monitor.md').filter(({ language }) => language === 'yaml');
  const [text = ''] = blocks.map((block) => block.text).filter((one) => new RegExp(`^${key}:`, 'm').test(one));
  const file = join(folder, `${key}.yaml`);
  writeFileSync(file, text);
  return { file, content: parse(text) as Record<string, unknown> };
}

const promtool = toolPath('promtool');
(promtool === undefined ? describe.skip : describe)('the configuration of Prometheus on the page', () => {
  it('is one that Prometheus reads', () => {
    const { file, content } = saveBlock('scrape_configs');
    execFileSync(promtool!, ['check', 'config', '--syntax-only', file], { stdio: 'pipe' });
    expect(content['scrape_configs']).toMatchObject([{ job_name: 'aks-ca-trust', honor_labels: true }]);
  });
});

(toolPath('helm') === undefined ? describe.skip : describe)('the values of the chart on the page', () => {
  it('make a ServiceMonitor that keeps labels, rules with the address of the runbooks, and a ConfigMap of the dashboard', () => {
    const objects = renderChart(saveBlock('metrics').content);
    const find = (kind: string) => objects.find((object) => object.kind === kind);
    expect(find('ServiceMonitor')).toMatchObject({ spec: { endpoints: [{ honorLabels: true }] } });
    expect(find('ConfigMap')).toMatchObject({ data: { 'aks-ca-trust.json': expect.stringContaining('"panels"') } });
    expect(JSON.stringify(find('PrometheusRule'))).toContain(
      'https://github.com/OWNER/aks-ca-trust/blob/main/docs/runbooks/AksCaTrustNoLeader.md',
    );
  });
});
