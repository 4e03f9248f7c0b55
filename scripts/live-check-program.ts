/**
 * Asks a live AKS cluster about everything that this project assumes of AKS, and writes the answers to files that can be sent back:
 * docs/how-to/live-check.md. It changes the cluster and replaces its nodes many times.
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { parseClusterId } from '../src/api/resource-id.ts';
import { createApiServerToken } from '../src/azure/api-server-token.ts';
import { ARM_API_VERSION } from '../src/azure/api-version.ts';
import { resolveCloud, type CloudName } from '../src/azure/clouds.ts';
import { createCredential, type CredentialKind } from '../src/azure/credentials.ts';
import { createManagedClusters } from '../src/azure/managed-clusters.ts';
import { trustedBesides } from '../src/azure/tls-options.ts';
import { createTransport } from '../src/azure/transport.ts';
import { readAzureKubeconfig } from '../src/cluster/node-access/azure-kubeconfig.ts';
import { connectToTarget } from '../src/cluster/node-access/connect-target.ts';
import { KINDS, readCredential } from '../src/commands/controller/credential-flags.ts';
import { ADVICE, HELP } from './live-check/advice.ts';
import { watchNodes, type NodeWatch } from './live-check/nodes.ts';
import { reportOf } from './live-check/report.ts';
import { runLiveCheck } from './live-check/run.ts';

const OPTIONS = {
  cluster: { type: 'string' },
  cloud: { type: 'string', default: 'AzurePublic' },
  credential: { type: 'string', default: 'AzureCLI' },
  'tenant-id': { type: 'string' },
  'client-id': { type: 'string' },
  'authority-host': { type: 'string' },
  'arm-endpoint': { type: 'string' },
  'ca-file': { type: 'string' },
  out: { type: 'string', default: 'live-check' },
  'poll-seconds': { type: 'string', default: '15' },
  'patience-minutes': { type: 'string', default: '120' },
  abort: { type: 'boolean', default: false },
  stop: { type: 'boolean', default: false },
  rotate: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

const values = readValues();
const id = values.cluster === undefined ? undefined : parseClusterId(values.cluster);
if (values.help || id === undefined) {
  if (values.cluster !== undefined && id === undefined)
    console.error(`--cluster is no resource id of a managed cluster.\n`);
  console.log(`${HELP}\n${ADVICE}`);
  process.exit(values.help ? 0 : 2);
}

const faults: string[] = [];
const kind = KINDS.find((known) => known === values.credential);
if (kind === undefined) faults.push(`--credential is "${values.credential}"; it is one of ${KINDS.join(', ')}`);
const flags: Partial<Record<string, string>> = { tenantId: values['tenant-id'], clientId: values['client-id'] };
const config = readCredential(
  kind ?? ('AzureCLI' satisfies CredentialKind),
  (flag, variable) => flags[flag] ?? (variable === undefined ? undefined : process.env[variable]),
  process.env,
  faults,
);
if (!['AzurePublic', 'AzureUSGovernment', 'AzureChina'].includes(values.cloud))
  faults.push(`--cloud is "${values.cloud}"`);
for (const name of ['poll-seconds', 'patience-minutes'] as const)
  if (!(Number(values[name]) > 0)) faults.push(`--${name} is "${values[name]}"; it is a number above 0`);
if (faults.length > 0) {
  for (const fault of faults) console.error(`live-check: ${fault}`);
  process.exit(2);
}

const cloud = resolveCloud(values.cloud as CloudName, {
  ...(values['authority-host'] === undefined ? {} : { authorityHost: values['authority-host'] }),
  ...(values['arm-endpoint'] === undefined ? {} : { endpoint: values['arm-endpoint'] }),
});
const trust = trustedBesides(values['ca-file']);
const elsewhere = values['arm-endpoint'] !== undefined;
const credential = await createCredential(config, { cloud, disableInstanceDiscovery: elsewhere, ...trust });
const transport = createTransport({ cloud, credential, apiVersion: ARM_API_VERSION, timeoutMs: 60_000, ...trust });

console.log(ADVICE);
if (!values.yes) {
  if (!process.stdin.isTTY) {
    console.error('live-check: without a terminal it begins only with --yes.');
    process.exit(2);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const typed = await terminal.question(`Type the name of the cluster to begin (${id.name}): `);
  terminal.close();
  if (typed.trim() !== id.name) process.exit(2);
}

const nodes = await openNodes();
// What was found until then is written all the same.
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
const startedAt = Date.now();
const findings = await runLiveCheck({
  transport,
  id,
  nodes,
  abort: values.abort,
  stop: values.stop,
  rotate: values.rotate,
  say: (line) => console.log(line),
  wait: (ms) => sleep(ms, undefined, { signal: interrupted.signal }),
  now: Date.now,
  pollMs: Number(values['poll-seconds']) * 1000,
  patienceMs: Number(values['patience-minutes']) * 60_000,
});
const { markdown, jsonLines } = reportOf(findings, {
  began: new Date(startedAt).toISOString(),
  took: `${Math.round((Date.now() - startedAt) / 60_000)} minutes`,
  'api-version': ARM_API_VERSION,
  cloud: elsewhere ? 'another endpoint' : values.cloud,
});
writeFileSync(`${values.out}.md`, markdown);
writeFileSync(`${values.out}.jsonl`, jsonLines);
const answers = [...findings.answers.values()];
const count = (agrees: boolean | undefined) => answers.filter((answer) => answer.agrees === agrees).length;
console.log(
  `${count(true)} as assumed, ${count(false)} otherwise, ${count(undefined)} not known. Read ${values.out}.md and ${values.out}.jsonl before you send them.`,
);
process.exitCode = findings.broken === undefined ? 0 : 1;

/** Nodes are seen with the kubeconfig that ARM hands out; where it cannot be used, the other questions are asked all the same. */
async function openNodes(): Promise<NodeWatch | undefined> {
  if (id === undefined) return undefined;
  const arm = createManagedClusters({ transport, now: Date.now });
  const outcome = await arm.userKubeconfig(id, AbortSignal.timeout(60_000));
  if (!outcome.ok) {
    console.log(`Nodes are not seen: ${outcome.failure.message}`);
    return undefined;
  }
  const token = createApiServerToken(credential, Date.now);
  const reading = readAzureKubeconfig(outcome.value, token, cloud.apiServerSuffixes);
  if (!reading.ok) {
    console.log(`Nodes are not seen: ${reading.message}`);
    return undefined;
  }
  return watchNodes(connectToTarget(reading.credentials, { allowLocal: elsewhere }));
}

function readValues() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    console.error(`live-check: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}
