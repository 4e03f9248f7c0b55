import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { VERSION } from '../../src/api/version.ts';
import type { Finding } from '../../src/commands/check/finding.ts';
import { printFindings } from '../../src/commands/check/print.ts';
import { makeServiceAccount, tokenOf } from '../deploy/metrics-roles.ts';
import { startRecordingProxy } from '../deploy/recording-proxy.ts';
import { eventually } from '../eventually.ts';
import { GROUP_ROLE, startCheckRig, type CheckRig } from './check-rig.ts';
import { entry, roots, SEES_NODES } from './rig.ts';
import { applyRotation, removeRotation } from './rotation-object.ts';
import { pipe } from './status-rig.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles';

let rig: CheckRig;
beforeAll(async () => {
  rig = await startCheckRig();
}, 180_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const outcomes = (findings: readonly Finding[]) =>
  findings.map(({ check, outcome }) => [outcome, check.replaceAll(rig.namespace, 'NS')]);
const failures = (findings: readonly Finding[]) => findings.filter(({ outcome }) => outcome === 'Failed');

describe('check', () => {
  it('passes on an installation that is right, and sends nothing that changes anything', async () => {
    const cluster = await rig.addCluster({ name: 'prod', nodes: true });
    const target = { nodeAccess: { kubeconfigSecretRef: { name: 'nodes' } }, resourceId: '' };
    await rig.apply('roots', cluster, { certificates: [entry('a', ...roots(0))], target });
    await rig.lead();
    const proxy = await startRecordingProxy(rig.plane.config);
    const findings = await rig.asController(rig.clientWith(GROUP_ROLE), { metricsPlainHttp: true }, proxy);
    await proxy.stop();
    expect(failures(findings)).toEqual([]);
    expect(outcomes(findings)).toEqual([
      ['Passed', 'API server'],
      ['Passed', 'Clock, API server'],
      ['Passed', 'CRD certificaterotations'],
      ['Passed', 'CRD customcatrusts'],
      ['Passed', 'CRD targetclusters'],
      ['Passed', 'Right, get, list, watch, patch customcatrusts'],
      ['Passed', 'Right, patch customcatrusts/status'],
      ['Passed', 'Right, get, list, watch certificaterotations'],
      ['Passed', 'Right, patch certificaterotations/status'],
      ['Passed', 'Right, get, list, watch, create, update, delete targetclusters'],
      ['Passed', 'Right, create, patch events'],
      ['Passed', 'Right, create leases in namespace aks-ca-trust-system'],
      ['Passed', 'Right, get, update leases aks-ca-trust in namespace aks-ca-trust-system'],
      ['Passed', 'Right, get secrets in namespace NS'],
      ['Passed', 'Controller'],
      ['Skipped', 'Policy file'],
      ['Passed', 'Objects'],
      ['Passed', 'Azure sign-in'],
      ['Passed', 'ARM read, prod'],
      ['Passed', 'ARM rights, prod'],
      ['Passed', 'Clock, ARM'],
      ['Passed', 'Nodes, prod by Secret NS/nodes'],
      ['Passed', 'Nodes, prod by Secret NS/nodes, rights'],
    ]);
    expect(findings.find(({ check }) => check === 'Controller')?.message).toMatch(/^It runs: version \d/);
    const asked = new Set(proxy.requests.map(({ verb, resource }) => (verb === 'create' ? resource : verb)));
    const reviews = ['selfsubjectaccessreviews', 'selfsubjectreviews'];
    expect([...asked].sort()).toEqual(['get', 'list', ...reviews]);
    expect(rig.simulator.journal().filter(({ method }) => method !== 'GET')).toEqual([]);
  }, 60_000);

  it('says for a person what this person may not find out, and does not call that a fault', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const target = { nodeAccess: { kubeconfigSecretRef: { name: 'nodes' } }, resourceId: '' };
    await rig.apply('roots', cluster, { target });
    const token = await rig.viewerToken();
    const findings = await rig.check({ kubeconfig: rig.kubeconfigOf({ ...rig.plane.config, token }) });
    expect(failures(findings)).toEqual([]);
    const skipped = findings.filter(({ outcome }) => outcome === 'Skipped').map(({ check }) => check.split(',')[0]);
    expect(new Set(skipped)).toEqual(
      new Set(['Service account', 'Right', 'Controller', 'Policy file', 'Azure sign-in', 'ARM', 'Nodes']),
    );
  }, 30_000);

  it("reviews the rights of the controller's account for an administrator, and names the verb that is missing", async () => {
    const path = `${ROLES}/aks-ca-trust-controller`;
    const role = (await rig.admin.request({ path })) as { rules: { resources: string[]; verbs: string[] }[] };
    const rules = role.rules.map((rule) =>
      rule.resources.includes('targetclusters')
        ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'delete') }
        : rule,
    );
    await rig.admin.request({ method: 'PUT', path, body: { ...role, rules } });
    const kubeconfig = join(rig.files, 'admin');
    writeFileSync(kubeconfig, rig.plane.config.kubeconfigYaml);
    await rig.lead();
    // RBAC is read from a cache.
    await eventually(async () => failures(await rig.check({ kubeconfig, metricsPlainHttp: true })).length > 0);
    const findings = await rig.check({ kubeconfig, metricsPlainHttp: true });
    expect(failures(findings)).toEqual([
      {
        check: 'Right, get, list, watch, create, update, delete targetclusters',
        outcome: 'Failed',
        message: 'system:serviceaccount:aks-ca-trust-system:aks-ca-trust may not delete targetclusters.',
        fix: expect.stringContaining('deploy/kustomize/base') as unknown,
      },
    ]);
    const current = (await rig.admin.request({ path })) as object;
    await rig.admin.request({ method: 'PUT', path, body: { ...current, rules: role.rules } });
  }, 30_000);

  it('finds no rights of a service account that does not exist', async () => {
    const kubeconfig = join(rig.files, 'admin');
    writeFileSync(kubeconfig, rig.plane.config.kubeconfigYaml);
    const findings = await rig.check({ kubeconfig, serviceAccount: 'aks-ca-trust-system/missing-sa' });
    expect(findings.filter(({ check }) => /^(Service account|Right)/.test(check))).toMatchObject([
      {
        check: 'Service account',
        outcome: 'Failed',
        message: expect.stringMatching(
          /^There is no service account missing-sa in namespace aks-ca-trust-system/,
        ) as unknown,
      },
    ]);
  });

  it('says of the policy only what it knows, and reads the Deployment of the controller for that', async () => {
    const kubeconfig = join(rig.files, 'admin');
    writeFileSync(kubeconfig, rig.plane.config.kubeconfigYaml);
    const about = async (flags: object) =>
      (await rig.check({ kubeconfig, ...flags })).find(({ check }) => check === 'Policy file');
    const unknown = { outcome: 'Skipped', message: expect.stringMatching(/is not known\.$/) as unknown };
    expect(await about({})).toMatchObject(unknown);
    const path = '/apis/apps/v1/namespaces/aks-ca-trust-system/deployments';
    const labels = { app: 'aks-ca-trust' };
    const deployment = (args: string[]) => ({
      metadata: { name: 'aks-ca-trust' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a', args }] } },
      },
    });
    await rig.admin.request({ method: 'POST', path, body: deployment(['controller', '--policy-file=/etc/p.yaml']) });
    expect(await about({})).toMatchObject({
      outcome: 'Skipped',
      message: expect.stringMatching(/is not checked\. The Deployment aks-ca-trust .* has one; give a copy/) as unknown,
    });
    await rig.admin.request({ method: 'PUT', path: `${path}/aks-ca-trust`, body: deployment(['controller']) });
    expect(await about({})).toMatchObject({
      outcome: 'Skipped',
      message: expect.stringMatching(/has no --policy-file, so every namespace may name every cluster\.$/) as unknown,
    });
    const token = await rig.viewerToken();
    expect(await about({ kubeconfig: rig.kubeconfigOf({ ...rig.plane.config, token }) })).toMatchObject(unknown);
    await rig.admin.request({ method: 'DELETE', path: `${path}/aks-ca-trust` });
  });

  it('warns of a rule that can match no cluster', async () => {
    const policyFile = join(rig.files, 'hopeless.yaml');
    writeFileSync(policyFile, 'rules:\n  - namespaces: [a]\n    clusters: [/foo]\n');
    const findings = await rig.asController(rig.clientWith(GROUP_ROLE), { policyFile });
    expect(findings.find(({ check }) => check === 'Policy file')).toMatchObject({
      outcome: 'Warning',
      message: expect.stringMatching(/but for this: Line 3: .*"\/foo" matches no cluster/) as unknown,
    });
    let out = '';
    printFindings(
      findings,
      pipe((text) => (out += text)),
    );
    expect(out).toMatch(/^WARNING {2}Policy file: /m);
    expect(out).toMatch(/\d+ passed, 1 warning, \d+ failed/);
  });

  it('asks of a cluster whose certificates are only watched no right to write, and warns without the kubeconfig of ARM', async () => {
    const cluster = await rig.addCluster({ name: 'prod', nodes: true });
    await applyRotation(rig, 'watch', cluster, { target: { ...SEES_NODES, resourceId: cluster.resourceId } });
    const about = async (...actions: string[]) =>
      (await rig.asController(rig.clientWith(actions))).filter(({ check }) => /^(ARM|Nodes|Objects)/.test(check));
    const reads = 'Microsoft.ContainerService/managedClusters/read';
    const kubeconfig = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';
    const found = await about(reads);
    expect(outcomes(found)).toEqual([
      ['Passed', 'Objects'],
      ['Passed', 'ARM read, prod'],
      ['Passed', 'ARM rights, prod'],
      ['Warning', 'ARM kubeconfig, prod'],
      ['Passed', 'Nodes, prod by Secret NS/nodes'],
      ['Passed', 'Nodes, prod by Secret NS/nodes, rights for certificates'],
    ]);
    expect(found.find(({ outcome }) => outcome === 'Warning')).toMatchObject({
      message: expect.stringContaining(`do not give ${kubeconfig}, so a CertificateRotation cannot show`) as unknown,
      fix: expect.stringContaining('--role "Azure Kubernetes Service Cluster User Role"') as unknown,
    });
    expect((await about(reads, kubeconfig)).map(({ outcome }) => outcome)).not.toContain('Warning');
    // As soon as an object changes the cluster, the right to write is missing.
    await rig.apply('roots', cluster, {});
    expect(failures(await about(reads, kubeconfig))).toMatchObject([
      { check: 'ARM rights, prod', message: expect.stringContaining('managedClusters/write') as unknown },
    ]);
    await removeRotation(rig, 'watch');
  }, 30_000);

  it('asks for the right to rotate where the policy lets an object ask for that, and for no more', async () => {
    const cluster = await rig.addCluster({ name: 'prod' });
    await applyRotation(rig, 'rotate', cluster, { mode: 'Rotate', acceptDowntime: true });
    const policyFile = join(rig.files, 'rotate.yaml');
    const action = (name: string) => `Microsoft.ContainerService/managedClusters/${name}`;
    const missing = async (rotate: boolean, ...actions: string[]) => {
      const rule = `rules:\n  - namespaces: [${rig.namespace}]\n    clusters: ['${cluster.resourceId}']\n    rotate: ${rotate}\n`;
      writeFileSync(policyFile, rule);
      const findings = await rig.asController(rig.clientWith([action('read'), ...actions]), { policyFile });
      return failures(findings).find(({ check }) => check === 'ARM rights, prod');
    };
    const [rotates, lists] = [action('rotateClusterCertificates/action'), action('listClusterUserCredential/action')];
    expect(await missing(true, lists)).toMatchObject({
      message: `The role assignments of this identity do not give ${rotates}.`,
      fix: expect.stringContaining('--role "AKS certificate rotator"') as unknown,
    });
    expect(await missing(true, lists, rotates)).toBeUndefined();
    expect(await missing(false)).toBeUndefined();
    await removeRotation(rig, 'rotate');
  }, 30_000);

  it('warns where the access to the nodes may not read the certificates, and names what it may not', async () => {
    const cluster = await rig.addCluster({ name: 'prod', nodes: true });
    const account = await makeServiceAccount(rig.admin, rig.namespace);
    const kubeconfig = readFileSync(
      rig.kubeconfigOf({ ...rig.plane.config, token: await tokenOf(rig.admin, rig.namespace, account) }),
    );
    const secret = { metadata: { name: 'narrow' }, data: { value: kubeconfig.toString('base64') } };
    await rig.admin.request({ method: 'POST', path: `/api/v1/namespaces/${rig.namespace}/secrets`, body: secret });
    // The role for nodes, installed from its file.
    await rig.admin.request({
      method: 'POST',
      path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      body: {
        metadata: { name: account },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'aks-ca-trust-nodes' },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace: rig.namespace }],
      },
    });
    const nodeAccess = { kubeconfigSecretRef: { name: 'narrow' } };
    await applyRotation(rig, 'watch', cluster, { target: { resourceId: cluster.resourceId, nodeAccess } });
    const findings = await rig.asController(rig.clientWith(['*/read']));
    await removeRotation(rig, 'watch');
    const found = findings.find(({ check }) =>
      check.endsWith('by Secret NS/narrow, rights for certificates'.replace('NS', rig.namespace)),
    );
    expect(found).toMatchObject({
      outcome: 'Warning',
      message: expect.stringMatching(
        /may not list certificatesigningrequests; list apiservices; list configmaps kube-root-ca\.crt; list deployments; list daemonsets; list persistentvolumes; list statefulsets; get configmaps extension-apiserver-authentication in namespace kube-system; get configmaps kube-root-ca\.crt in namespace kube-system\.$/,
      ) as unknown,
      fix: 'Bind the roles of deploy/target-cluster/certificates-role.yaml to that user.',
    });
  }, 30_000);

  it('names an address of this machine that is refused by rule, and the flag for it', async () => {
    const cluster = await rig.addCluster({ name: 'prod', nodes: true });
    const target = { nodeAccess: { kubeconfigSecretRef: { name: 'nodes' } }, resourceId: '' };
    await rig.apply('roots', cluster, { certificates: [entry('a', ...roots(0))], target });
    const findings = await rig.asController(rig.clientWith(GROUP_ROLE), { allowLocalTargets: false });
    expect(failures(findings).find(({ check }) => check.startsWith('Nodes'))).toMatchObject({
      message: expect.stringMatching(
        /^https:\/\/127\.0\.0\.1:\d+: 127\.0\.0\.1 is an address to which the controller does not connect\.$/,
      ) as unknown,
      fix: expect.stringContaining('--allow-local-targets') as unknown,
    });
  });

  it('names the account that may write records for an administrator, where the policies were not changed with the namespace', async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/aks-ca-trust-records';
    const kubeconfig = join(rig.files, 'admin');
    writeFileSync(kubeconfig, rig.plane.config.kubeconfigYaml);
    await rig.lead();
    const nameAccount = async (from: string, to: string) => {
      const policy = JSON.stringify(await rig.admin.request({ path }));
      await rig.admin.request({ method: 'PUT', path, body: JSON.parse(policy.replace(from, to)) as object });
    };
    await nameAccount('aks-ca-trust-system:', 'trust:');
    const findings = await rig.check({ kubeconfig, metricsPlainHttp: true });
    await nameAccount('trust:', 'aks-ca-trust-system:');
    expect(failures(findings)).toEqual([
      {
        check: 'Right, get, list, watch, create, update, delete targetclusters',
        outcome: 'Failed',
        message:
          'The ValidatingAdmissionPolicy aks-ca-trust-records lets system:serviceaccount:trust:aks-ca-trust write, and refuses system:serviceaccount:aks-ca-trust-system:aks-ca-trust.',
        fix: expect.stringContaining('docs/how-to/policy.md') as unknown,
      },
    ]);
    expect(failures(await rig.check({ kubeconfig, metricsPlainHttp: true }))).toEqual([]);
  }, 30_000);

  it.each<[string, () => Promise<readonly Finding[]>, [check: string, message: RegExp, fix: RegExp]]>([
    [
      'a wrong secret',
      async () => rig.asController({ ...rig.clientWith(GROUP_ROLE), clientSecret: 'wrong' }),
      ['Azure sign-in', /^ClientSecret: NoToken: AADSTS7000215/, /./],
    ],
    [
      'a tenant that is not there',
      async () => rig.asController(rig.clientWith(GROUP_ROLE), { tenantId: '00000000-0000-0000-0000-00000000000f' }),
      ['Azure sign-in', /^ClientSecret: /, /./],
    ],
    [
      'no role in Azure',
      async () => rig.asController(rig.clientWith([])),
      ['ARM read, prod', /HTTP 403, AuthorizationFailed/, /az role assignment create .*"AKS custom CA trust operator"/],
    ],
    [
      'a role that may not write',
      async () => rig.asController(rig.clientWith(['*/read'])),
      [
        'ARM rights, prod',
        /do not give Microsoft\.ContainerService\/managedClusters\/write\.$/,
        /az role assignment create/,
      ],
    ],
    [
      'a cluster that is not there',
      async () => {
        const id = rig.simulator.cluster('prod').resourceId.replace('prod', 'gone');
        return rig.asController(rig.clientWith(GROUP_ROLE), { target: id });
      },
      ['ARM read, gone', /HTTP 404, ResourceNotFound/, /./],
    ],
    [
      'an authority certificate file that is not there',
      async () => rig.asController(rig.clientWith(GROUP_ROLE), { caFile: join(rig.files, 'none.pem') }),
      ['Azure sign-in', /--ca-file cannot be read: ENOENT/, /^$/],
    ],
    [
      'a policy file with a fault',
      async () => {
        const policyFile = join(rig.files, 'policy.yaml');
        writeFileSync(policyFile, 'rules:\n  - namespace: [a]\n');
        return rig.asController(rig.clientWith(GROUP_ROLE), { policyFile });
      },
      ['Policy file', /policy\.yaml cannot be used\. Line 2: /, /^$/],
    ],
    [
      'a Secret that is not there',
      async () => {
        const target = { nodeAccess: { kubeconfigSecretRef: { name: 'none' } }, resourceId: '' };
        await rig.apply('roots', rig.simulator.cluster('prod').resourceId, { target });
        return rig.asController(rig.clientWith(GROUP_ROLE));
      },
      [`Nodes, prod by Secret NS/none`, /^The kubeconfig in Secret NS\/none cannot be read: .*404/, /^$/],
    ],
    [
      'a clock that is wrong',
      async () => rig.asController(rig.clientWith(GROUP_ROLE), {}, rig.plane.config, () => Date.now() + 300_000),
      ['Clock, API server', /^The clock here is (300|299|301) s ahead of that of the server\./, /NTP/],
    ],
  ])('finds %s', async (_, run, [name, message, fix]) => {
    const cluster = await rig.addCluster({ name: 'prod' });
    await rig.apply('roots', cluster, {});
    await rig.lead();
    const plain = (text: string) => text.replaceAll(rig.namespace, 'NS');
    const found = failures(await run()).map((one) => ({
      ...one,
      check: plain(one.check),
      message: plain(one.message),
    }));
    const one = found.find(({ check }) => check === name);
    expect(one?.message).toMatch(message);
    expect(one?.fix ?? '').toMatch(fix);
  });

  it('leaves the rights open where ARM does not list them, and skips nothing else', async () => {
    const cluster = await rig.addCluster({ name: 'prod' });
    await rig.apply('roots', cluster, {});
    rig.simulator.faults.add({ operation: 'ListPermissions', status: 403, code: 'AuthorizationFailed', message: 'no' });
    const findings = await rig.asController(rig.clientWith(GROUP_ROLE));
    expect(findings.filter(({ check }) => check.startsWith('ARM'))).toMatchObject([
      { outcome: 'Passed' },
      { check: 'ARM rights, prod', outcome: 'Skipped' },
    ]);
  });

  it('finds a controller that no longer renews its Lease', async () => {
    await rig.lead(Date.now() - 120_000);
    const findings = failures(await rig.asController(rig.clientWith(GROUP_ROLE)));
    expect(findings.find(({ check }) => check === 'Controller')?.message).toMatch(/was renewed 1[12]\d s ago: no/);
  });

  it.each([
    ['refuses connections', false, /ECONNREFUSED/],
    ['accepts connections and answers nothing', true, /no answer within 300 ms/],
  ])(
    'gives up on an API server that %s, and checks Azure all the same',
    async (_, listens, message) => {
      const cluster = await rig.addCluster({ name: 'prod' });
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as AddressInfo;
      const close = () => new Promise((resolve) => silent.close(resolve));
      if (!listens) await close();
      const server = { server: `https://127.0.0.1:${port}` };
      const more = { target: cluster.resourceId, ...(listens ? { timeout: '300ms' } : {}) };
      const findings = await rig.asController(rig.clientWith(GROUP_ROLE), more, server);
      if (listens) void close();
      expect(findings[0]).toMatchObject({ check: 'API server', outcome: 'Failed' });
      expect(findings[0]?.message).toMatch(message);
      expect(outcomes(findings).slice(1)).toEqual([
        ['Skipped', 'Management cluster'],
        ['Skipped', 'Policy file'],
        ['Passed', 'Azure sign-in'],
        ['Passed', 'ARM read, prod'],
        ['Passed', 'ARM rights, prod'],
        ['Passed', 'Clock, ARM'],
      ]);
    },
    30_000,
  );

  it('shows no control character that a server has sent', async () => {
    const cluster = await rig.addCluster({ name: 'prod' });
    await rig.apply('roots', cluster, {});
    const message = 'no\u001b]0;owned\u0007\u202e\n passed  everything';
    rig.simulator.faults.add({ operation: 'GetManagedCluster', status: 403, code: 'Forbidden', message });
    let out = '';
    printFindings(
      await rig.asController(rig.clientWith(GROUP_ROLE)),
      pipe((text) => (out += text)),
    );
    expect(out).toContain('FAILED   ARM read, prod: ');
    // Lines are ended by the command alone.
    expect(out.replaceAll('\n', '')).toMatch(/^\P{C}+$/u);
    expect(out).not.toMatch(/^ passed {2}everything/m);
  });

  it('as a process ends with 3 and the same findings as JSON, or with 1 for wrong arguments', async () => {
    const { code, out } = await rig.runCommand('check', '-o', 'json', '--metrics-plain-http');
    const document = JSON.parse(out) as { format: number; exitCode: number; checks: Finding[] };
    const { checks, ...rest } = document;
    const faults = failures(checks).length;
    expect({ code, ...rest }).toEqual({ code: faults > 0 ? 3 : 0, format: 1, exitCode: faults > 0 ? 3 : 0 });
    expect(checks[0]).toMatchObject({ check: 'API server', outcome: 'Passed' });
    expect(await rig.runCommand('check', '--target', 'prod', '--timeout', '0')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('--target is "prod"') as unknown,
    });
  }, 30_000);

  it('has a sister that prints the versions of program, controller and definitions', async () => {
    await rig.lead();
    const { code, out, err } = await rig.runCommand('version');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(
      `client               ${VERSION}\ncontroller           ${VERSION} (Lease aks-ca-trust)\ncertificaterotations the CRD of this version\ncustomcatrusts       the CRD of this version\ntargetclusters       the CRD of this version\n`,
    );
    const json = await rig.runCommand('version', '-o', 'json', '--namespace', 'empty');
    expect(JSON.parse(json.out)).toEqual({
      format: 1,
      client: VERSION,
      controllers: [],
      crds: { certificaterotations: 'Same', customcatrusts: 'Same', targetclusters: 'Same' },
      problems: [],
    });
    expect(await rig.runCommand('version', '--client')).toEqual({
      code: 0,
      out: `client               ${VERSION}\n`,
      err: '',
    });
  }, 30_000);

  it('finds resource definitions that are older, and those that are missing', async () => {
    const path = `${CRDS}/customcatrusts.aks-ca-trust.dev`;
    const before = (await rig.admin.request({ path })) as { metadata: { resourceVersion?: string } };
    await rig.admin.request({
      method: 'PATCH',
      path,
      contentType: 'application/json-patch+json',
      body: [
        {
          op: 'remove',
          path: '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/lastHandledReconcileAt',
        },
      ],
    });
    const found = async () =>
      failures(await rig.asController(rig.clientWith(GROUP_ROLE))).filter(({ check }) => check.startsWith('CRD'));
    await eventually(async () => (await found()).length > 0);
    expect(await found()).toEqual([
      {
        check: 'CRD customcatrusts',
        outcome: 'Failed',
        message:
          'It is older than this version and lacks status.lastHandledReconcileAt; the API server drops these values.',
        fix: expect.stringContaining('kubectl apply --server-side -k deploy/kustomize/crds') as unknown,
      },
    ]);
    await rig.admin.request({ method: 'DELETE', path });
    await eventually(async () => (await found()).some(({ message }) => message.includes('is not installed')));
    delete before.metadata.resourceVersion;
    await rig.admin.request({ method: 'POST', path: CRDS, body: before });
    await eventually(async () => (await found()).length === 0);
  }, 60_000);
});
