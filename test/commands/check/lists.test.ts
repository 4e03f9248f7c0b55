import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { OLDEST_MINOR } from '../../../src/commands/check/api-server.ts';
import { CLUSTER_ACTIONS } from '../../../src/commands/check/azure.ts';
import { CERTIFICATE_RIGHTS, NODE_RIGHTS, verifyRights } from '../../../src/commands/check/nodes.ts';
import { readCheckFlags } from '../../../src/commands/check/request.ts';
import { controllerRights } from '../../../src/commands/check/rights.ts';

describe('the lists of the command', () => {
  const read = (path: string) => readFileSync(new URL(`../../../deploy/${path}`, import.meta.url), 'utf8');

  it('have the actions of the Azure role that count at a cluster', () => {
    const { Actions } = JSON.parse(read('azure/role.json')) as { Actions: string[] };
    const atCluster = Actions.filter((action) => action.startsWith('Microsoft.ContainerService/managedClusters/'));
    expect([...CLUSTER_ACTIONS].sort()).toEqual(atCluster.sort());
  });

  it('have the rights of the role for target clusters', () => {
    const { rules } = parse(read('target-cluster/role.yaml')) as { rules: Rule[] };
    expect(NODE_RIGHTS.flatMap(textsOf).sort()).toEqual(rules.flatMap(textsOfRule).sort());
  });

  it('have the rights of the roles for certificates', () => {
    const roles = read('target-cluster/certificates-role.yaml')
      .split(/^---$/m)
      .map((text) => parse(text) as { rules: (Rule | { nonResourceURLs: string[]; verbs: string[] })[] });
    const rules = roles.flatMap((role) => role.rules);
    const ofRules = rules.flatMap((rule) =>
      'nonResourceURLs' in rule
        ? rule.nonResourceURLs.flatMap((url) => rule.verbs.map((verb) => `${verb} ${url}`))
        : textsOfRule(rule),
    );
    const ofList = CERTIFICATE_RIGHTS.flatMap((right) =>
      'url' in right ? right.verbs.map((verb) => `${verb} ${right.url}`) : textsOf(right),
    );
    expect(ofList.sort()).toEqual(ofRules.sort());
  });

  it('have the rights of the role for verifications', () => {
    const [, role] = read('target-cluster/verify-role.yaml')
      .split(/^---$/m)
      .map((text) => parse(text) as { rules: Rule[] });
    expect(verifyRights('a').flatMap(textsOf).sort()).toEqual(role!.rules.flatMap(textsOfRule).sort());
  });

  it('have the oldest Kubernetes that the chart takes', () => {
    const { kubeVersion } = parse(read('helm/aks-ca-trust/Chart.yaml')) as { kubeVersion: string };
    expect(kubeVersion).toBe(`>=1.${OLDEST_MINOR}.0-0`);
  });

  it('have the rights of the installed roles', () => {
    const reading = readCheckFlags({}, {});
    if (!reading.ok) throw new Error();
    const files = ['rbac', 'leader-election-rbac', 'metrics-rbac'];
    const documents = files.flatMap((file) =>
      read(`kustomize/base/${file}.yaml`)
        .split(/^---$/m)
        .map((text) => parse(text) as { kind: string; metadata: { name: string }; rules?: Rule[] }),
    );
    const rules = documents.flatMap((one) => (one.metadata.name.endsWith('-reader') ? [] : (one.rules ?? [])));
    expect(controllerRights(reading.request.config).flatMap(textsOf).sort()).toEqual(rules.flatMap(textsOfRule).sort());
  });

  interface Rule {
    readonly apiGroups: string[];
    readonly resources: string[];
    readonly verbs: string[];
    readonly resourceNames?: string[];
  }
  const textsOf = ({
    group,
    resource,
    verbs,
    name = '',
  }: {
    group: string;
    resource: string;
    verbs: readonly string[];
    name?: string;
  }) => verbs.map((verb) => `${verb} ${group}/${resource} ${name}`);
  const textsOfRule = ({ apiGroups, resources, verbs, resourceNames: [name] = [''] }: Rule) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => textsOf({ group, resource, verbs, name: name ?? '' })),
    );
});
