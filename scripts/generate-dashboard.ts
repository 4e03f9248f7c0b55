/** Writes the Grafana dashboard of the chart. Grafana's own types check its form. */
import {
  DashboardCursorSync,
  FieldColorModeId,
  ThresholdsMode,
  VariableHide,
  VariableRefresh,
  type Dashboard,
  type DataSourceRef,
  type Panel,
  type RowPanel,
  type VariableModel,
} from '@grafana/schema';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { ROWS } from './dashboard-panels.ts';
import type { PanelPlan } from './panel-plan.ts';

const FILE = fileURLToPath(new URL('../deploy/helm/aks-ca-trust/files/dashboard.json', import.meta.url));
const COLUMNS = 24;
const HEIGHTS = { stat: 4, timeseries: 8, bargauge: 8, table: 8 } as const;
const datasource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

function variable(name: string, label: string, query: string): VariableModel {
  return {
    type: 'query',
    name,
    label,
    datasource,
    query: { query, refId: name },
    refresh: VariableRefresh.onTimeRangeChanged,
    includeAll: true,
    allValue: '.*',
    multi: true,
    current: { text: 'All', value: '$__all' },
    hide: VariableHide.dontHide,
  };
}

function panelOf(plan: PanelPlan, id: number, at: { x: number; y: number; w: number }): Panel {
  const { title, description, kind, unit, queries, limits } = plan;
  const isTable = kind === 'table';
  const steps = limits
    ? [
        { value: null, color: limits.falling ? 'red' : 'green' },
        { value: limits.falling ? limits.red : limits.orange, color: 'orange' },
        { value: limits.falling ? limits.orange : limits.red, color: limits.falling ? 'green' : 'red' },
      ]
    : [{ value: null, color: 'green' }];
  return {
    id,
    type: kind,
    title,
    description,
    datasource,
    gridPos: { ...at, h: HEIGHTS[kind] },
    fieldConfig: {
      defaults: {
        ...(unit === undefined ? {} : { unit }),
        ...(kind === 'bargauge' ? { min: 0 } : {}),
        ...(unit === 'percentunit' ? { max: 1 } : {}),
        color: { mode: kind === 'timeseries' ? FieldColorModeId.PaletteClassic : FieldColorModeId.Thresholds },
        thresholds: { mode: ThresholdsMode.Absolute, steps },
      },
      overrides: [],
    },
    options: kind === 'bargauge' ? { orientation: 'horizontal', displayMode: 'basic' } : {},
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      ...(legend === undefined ? {} : { legendFormat: legend }),
      ...(kind === 'timeseries' ? { range: true } : { instant: true, range: false }),
      ...(isTable ? { format: 'table' } : {}),
    })),
    ...(isTable
      ? { transformations: [{ id: 'organize', options: { excludeByName: { Time: true, Value: unit === undefined } } }] }
      : {}),
  };
}

function panels(): (Panel | RowPanel)[] {
  const all: (Panel | RowPanel)[] = [];
  let y = 0;
  for (const row of ROWS) {
    all.push({
      id: all.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const plan of row.panels) {
      const w = plan.width ?? (plan.kind === 'stat' ? 4 : 12);
      if (x + w > COLUMNS) {
        y += height;
        x = 0;
        height = 0;
      }
      all.push(panelOf(plan, all.length + 1, { x, y, w }));
      x += w;
      height = Math.max(height, HEIGHTS[plan.kind]);
    }
    y += height;
  }
  return all;
}

const dashboard: Dashboard = {
  uid: 'aks-ca-trust',
  title: 'aks-ca-trust',
  description: 'Custom certificate authorities of AKS clusters: objects, clusters, and the controller.',
  tags: ['aks-ca-trust', 'kubernetes'],
  schemaVersion: 39,
  editable: true,
  graphTooltip: DashboardCursorSync.Crosshair,
  timezone: 'browser',
  time: { from: 'now-6h', to: 'now' },
  refresh: '1m',
  templating: {
    list: [
      {
        type: 'datasource',
        name: 'datasource',
        label: 'Data source',
        query: 'prometheus',
        hide: VariableHide.dontHide,
      },
      variable('job', 'Job', 'label_values(aks_ca_trust_build_info, job)'),
      variable('namespace', 'Namespace', 'label_values(aks_ca_trust_object_ready{job=~"$job"}, namespace)'),
      variable('target_cluster', 'Cluster', 'label_values(aks_ca_trust_object_ready{job=~"$job"}, target_cluster)'),
    ],
  },
  panels: panels(),
};
writeFileSync(FILE, await format(JSON.stringify(dashboard), { parser: 'json', printWidth: 120 }));
