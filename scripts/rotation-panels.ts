import { JOB, OBJECT, RATE, total, type RowPlan, durationsOf } from './panel-plan.ts';

/** The row of the dashboard about rotations. */
export const ROTATIONS: RowPlan = {
  title: 'Rotations',
  panels: [
    {
      title: 'Failed',
      description: 'CertificateRotation objects whose rotation failed for good or was canceled.',
      kind: 'stat',
      queries: [{ expr: total('aks_ca_trust_rotations', 'phase="Failed"') }],
      limits: { orange: 1, red: 1 },
    },
    {
      title: 'Under way',
      description:
        'CertificateRotation objects whose cluster is being rotated. A controller rotates one cluster at a time.',
      kind: 'stat',
      queries: [{ expr: total('aks_ca_trust_rotations', 'phase="Rotating"') }],
    },
    {
      title: 'Objects by phase',
      description: 'CertificateRotation objects with mode Rotate.',
      kind: 'timeseries',
      width: 16,
      queries: [{ expr: total('aks_ca_trust_rotations', '', ' by (phase) '), legend: '{{phase}}' }],
    },
    {
      title: 'Wanted or under way',
      description: 'Preflight: the message of the object says what the rotation waits for.',
      kind: 'table',
      queries: [
        {
          expr: `max by (namespace, name, target_cluster, phase) (aks_ca_trust_rotation_phase{${OBJECT},phase=~"Preflight|Rotating|Failed"}) == 1`,
        },
      ],
    },
    {
      title: 'Not as it should be',
      description: 'Conditions of CertificateRotation objects that are False.',
      kind: 'table',
      queries: [
        {
          expr: `max by (namespace, name, target_cluster, condition) (aks_ca_trust_rotation_condition{${OBJECT},status="False"}) == 1`,
        },
      ],
    },
    {
      title: 'Time since the last rotation',
      description: 'Of the rotations that this controller made.',
      kind: 'table',
      unit: 's',
      queries: [
        {
          expr: `time() - max by (namespace, name, target_cluster) (aks_ca_trust_rotation_completed_timestamp_seconds{${OBJECT}})`,
        },
      ],
    },
    {
      title: 'Duration of rotations',
      description: 'From their record until they have ended: median and 90th percentile of those of the last 30 days.',
      kind: 'timeseries',
      unit: 's',
      queries: durationsOf('RotateCertificates', '30d'),
    },
    {
      title: 'Failed attempts',
      description: 'Attempts of changes of the list and of rotations that ended Failed or Canceled in Azure.',
      kind: 'timeseries',
      queries: [
        { expr: `sum by (kind) (increase(aks_ca_trust_failed_attempts_total{${JOB}}${RATE}))`, legend: '{{kind}}' },
      ],
    },
  ],
};
