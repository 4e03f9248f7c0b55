/**
 * Writes what the Helm chart has from elsewhere: the resource definitions, the version of package.json, and the schema of `config` from
 * the controller's flags. And docs/reference/chart-values.md from the chart's values.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { CLOUDS } from '../src/azure/clouds.ts';
import { FORMS, NUMBERS } from '../src/commands/controller/bounds.ts';
import { KINDS } from '../src/commands/controller/credential-flags.ts';
import { FLAGS, type FlagName } from '../src/commands/controller/flags.ts';
import { LONGEST_MS, UNITS } from '../src/commands/flag-values.ts';
import { tableOf, writePage } from './pages.ts';

interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly allOf?: readonly { readonly pattern: string }[];
  readonly minLength?: number;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHART = `${ROOT}deploy/helm/aks-ca-trust`;

/** Flags that other values set, and those that make no sense in a pod. */
const NOT_IN_CONFIG: ReadonlySet<FlagName> = new Set<FlagName>([
  'kubeconfig',
  'caFile',
  'policyFile',
  'allowLocalTargets',
  'leaderElect',
  'leaseNamespace',
  'shard',
  'healthAddress',
  'metricsAddress',
  'metricsCertDir',
  'metricsPlainHttp',
  'inClusterResourceId',
]);

/** Maps that the page shows as one value. */
const ONE_VALUE = new Set(['config', 'resources']);

const CHOICES: Readonly<Partial<Record<FlagName, readonly string[]>>> = {
  cloud: Object.keys(CLOUDS),
  // The image has no Azure CLI.
  credential: KINDS.filter((kind) => kind !== 'AzureCLI'),
  armBudgets: ['documented', 'none'],
  metricsPerObject: ['auto', 'always', 'never'],
  logLevel: ['debug', 'info', 'warn', 'error'],
  logFormat: ['json', 'pretty'],
};

const UNIT = Object.keys(UNITS).join('|');
const DURATIONS = Object.entries(UNITS).map(([unit, ms]) => upTo(LONGEST_MS / ms) + unit);

/** A pattern of the decimal numbers up to this whole one. */
function upTo(most: number): string {
  const digits = String(most);
  const below = [...digits].flatMap((digit, index) =>
    // A number that begins with 0 is a shorter one.
    Number(digit) <= (index === 0 ? 1 : 0)
      ? []
      : [`${digits.slice(0, index)}[0-${Number(digit) - 1}][0-9]{${digits.length - index - 1}}`],
  );
  const shorter = `[0-9]{1,${digits.length - 1}}`;
  return String.raw`((${[shorter, ...below].join('|')})(\.[0-9]+)?|${digits}(\.0+)?)`;
}

function schemaOf(name: FlagName): Schema {
  const [flag, description] = FLAGS[name];
  const choices = CHOICES[name];
  if (choices) return { description, enum: choices };
  switch (/<(.*)>/.exec(flag)?.[1]) {
    case undefined:
      return { description, type: 'boolean' };
    case 'number': {
      const [minimum, maximum] = NUMBERS[name as keyof typeof NUMBERS];
      return { description, type: 'integer', minimum, maximum };
    }
    case 'duration':
      return {
        description,
        type: 'string',
        pattern: String.raw`^[0-9]+(\.[0-9]+)?(${UNIT})$`,
        // More than nothing, and not more than the most.
        allOf: [{ pattern: '[1-9]' }, { pattern: `^0*(${DURATIONS.join('|')})$` }],
      };
    case 'url':
      return { description, type: 'string', pattern: '^https://' };
    default: {
      const form = (FORMS as Partial<Record<FlagName, RegExp>>)[name];
      return { description, type: 'string', ...(form ? { pattern: form.source } : { minLength: 1 }) };
    }
  }
}

/** Rows of the table: name, type, default, meaning. */
function rowsOf(map: YAMLMap, schema: Schema, path: readonly string[] = []): string[][] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error(`a key below ${path.join('.')} is no text`);
    const name = [...path, String(key.value)];
    // The comment before the first key belongs to the map.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined);
    const meaning = comment?.split('\n').at(-1)?.trim();
    if (!meaning) throw new Error(`values.yaml: ${name.join('.')} has no comment`);
    const own = schema.properties?.[String(key.value)];
    if (!own) throw new Error(`values.schema.json: ${name.join('.')} is missing`);
    if (isMap(value) && own.properties && !ONE_VALUE.has(name.join('.')))
      return [[`**${name.join('.')}**`, '', '', meaning], ...rowsOf(value, own, name)];
    return [[`\`${name.join('.')}\``, typeOf(own), `\`${JSON.stringify(value)}\``, meaning]];
  });
}

function typeOf({ enum: choices, type = '' }: Schema): string {
  if (choices) return choices.join(', ');
  return { array: 'list', object: 'map' }[type] ?? type;
}

for (const file of readdirSync(`${ROOT}crds`).filter((name) => name.endsWith('.yaml')))
  writeFileSync(`${CHART}/charts/crds/templates/${file}`, readFileSync(`${ROOT}crds/${file}`));

const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string };
for (const file of [`${CHART}/Chart.yaml`, `${CHART}/charts/crds/Chart.yaml`]) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/^( *(?:version|appVersion): ).*$/gm, `$1${version}`));
}

const schema = JSON.parse(readFileSync(`${CHART}/values.schema.json`, 'utf8')) as Schema;
const flags = (Object.keys(FLAGS) as FlagName[]).filter((name) => !NOT_IN_CONFIG.has(name));
const config: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(flags.map((name) => [name, schemaOf(name)])),
};
const whole = { ...schema, properties: { ...schema.properties, config } };
writeFileSync(`${CHART}/values.schema.json`, await format(JSON.stringify(whole), { parser: 'json', printWidth: 120 }));

const values = parseDocument(readFileSync(`${CHART}/values.yaml`, 'utf8')).contents as YAMLMap;
const settings = flags.map((name) => [`\`config.${name}\``, typeOf(schemaOf(name)), FLAGS[name][1]]);
const page = `# Values of the Helm chart

<!-- Generated from deploy/helm/aks-ca-trust/values.yaml and the controller's flags: make generate -->

Helm refuses every other value. [Install](../how-to/install.md) has the values that an installation begins with.

${tableOf(['value', 'type', 'default', 'meaning'], rowsOf(values, whole))}

## Flags

Flags that are not here belong to other values: \`policy\`, \`nodeAccess\`, \`caBundle\`, \`metrics\` and \`shards\`.

${tableOf(['value', 'type', 'meaning'], settings)}
`;
await writePage('chart-values', page);
