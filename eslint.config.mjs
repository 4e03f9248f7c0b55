import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const containers = {
  group: ['node-forge', 'node-forge/**'],
  message:
    'Only src/certificates/containers/forge.ts loads node-forge, when the first container is read; its types are free.',
  allowTypeImports: true,
};

/** One entry a wall: files of `room` may not import what `forbidden` matches. `import type` from libraries stays allowed where said. */
function wall(files, patterns) {
  return {
    files,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [...patterns, containers] }] },
  };
}

const ROOMS = [
  'api',
  'waiting',
  'policy',
  'certificates',
  'cluster-certificates',
  'sources',
  'azure',
  'kubernetes',
  'cluster',
  'runtime',
  'controller',
  'commands',
];
const rooms = (...names) => ({
  group: names.flatMap((name) => [`**/${name}/*`, `**/${name}/**`]),
  message:
    'Imports go one way: commands → controller → runtime, cluster → cluster-certificates → policy, certificates, sources, azure, kubernetes → api, waiting.',
});
const notOurs = {
  group: ['**/simulator/**', '**/test/**', '**/bench/**', '**/demo/**'],
  message: 'src/ knows nothing of its simulator and tests.',
};
const kubernetesClient = {
  group: ['@kubernetes/client-node'],
  message: 'Only src/kubernetes imports the Kubernetes client, to read kubeconfigs; its types are free everywhere.',
  allowTypeImports: true,
};
const azureSdk = { group: ['@azure/*'], message: 'Only src/azure imports the Azure SDK.' };
const everyClient = {
  group: [
    '@kubernetes/*',
    '@azure/*',
    'undici',
    'pino',
    'prom-client',
    'node:fs*',
    'node:net',
    'node:http*',
    'node:timers*',
    'node:child_process',
  ],
  allowTypeImports: true,
  message: 'This room is pure: no client, clock or logger; their types are free.',
};
const typesOnly = (...names) => ({
  ...rooms(...names),
  allowTypeImports: true,
  message: 'This room is pure: of a client it knows the shapes only.',
});
const only = (...allowed) => rooms(...ROOMS.filter((room) => !allowed.includes(room)));

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      'dist',
      'coverage',
      'src/api/generated',
      '.demo',
      'docs/.vitepress/dist',
      'docs/.vitepress/cache',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  { languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  wall(['src/api/**/*.ts'], [only('api'), everyClient, notOurs]),
  wall(['src/waiting/**/*.ts'], [only('waiting'), everyClient, notOurs]),
  wall(['src/policy/**/*.ts'], [only('api', 'policy'), everyClient, notOurs]),
  wall(['src/certificates/**/*.ts'], [only('api', 'certificates'), everyClient, notOurs]),
  // A source reads what a cache has, and never waits: the cache is handed in.
  wall(['src/sources/**/*.ts'], [only('api', 'sources', 'kubernetes'), typesOnly('kubernetes'), everyClient, notOurs]),
  wall(['src/azure/**/*.ts'], [only('api', 'waiting', 'azure'), kubernetesClient, notOurs]),
  wall(['src/kubernetes/**/*.ts'], [only('api', 'waiting', 'kubernetes'), azureSdk, notOurs]),
  wall(['src/runtime/**/*.ts'], [only('api', 'waiting', 'kubernetes', 'runtime'), azureSdk, kubernetesClient, notOurs]),
  // What the evidence of a cluster's own certificates shows: plain data in, plain data out.
  wall(
    ['src/cluster-certificates/*.ts', 'src/cluster-certificates/holders/**/*.ts'],
    [only('api', 'certificates', 'cluster-certificates'), everyClient, notOurs],
  ),
  // Reads the evidence.
  wall(
    ['src/cluster-certificates/read/**/*.ts'],
    [
      only('api', 'waiting', 'certificates', 'cluster-certificates', 'azure', 'kubernetes'),
      azureSdk,
      kubernetesClient,
      notOurs,
    ],
  ),
  wall(
    ['src/cluster/**/*.ts'],
    [
      only(
        'api',
        'waiting',
        'policy',
        'certificates',
        'sources',
        'azure',
        'kubernetes',
        'cluster-certificates',
        'cluster',
      ),
      azureSdk,
      kubernetesClient,
      notOurs,
    ],
  ),
  // The deciding half of a reconcile: plain data in, plain data out.
  wall(
    ['model', 'operation', 'kinds', 'reimage', 'verify', 'decide'].map((folder) => `src/cluster/${folder}/**/*.ts`),
    [
      only(
        'api',
        'waiting',
        'policy',
        'certificates',
        'cluster-certificates',
        'sources',
        'cluster',
        'azure',
        'kubernetes',
      ),
      typesOnly('sources', 'azure', 'kubernetes'),
      everyClient,
      notOurs,
    ],
  ),
  wall(
    ['src/cluster/verify/pods/**/*.ts'],
    [
      only('api', 'waiting', 'policy', 'certificates', 'azure', 'kubernetes', 'cluster'),
      azureSdk,
      kubernetesClient,
      notOurs,
    ],
  ),
  wall(
    ['src/controller/**/*.ts'],
    [
      only(
        'api',
        'waiting',
        'policy',
        'certificates',
        'cluster-certificates',
        'azure',
        'kubernetes',
        'cluster',
        'runtime',
        'controller',
      ),
      azureSdk,
      kubernetesClient,
      notOurs,
    ],
  ),
  wall(['src/commands/**/*.ts', 'src/main.ts'], [azureSdk, kubernetesClient, notOurs]),
  wall(
    ['simulator/**/*.ts'],
    [
      {
        group: ['**/src/**'],
        message: 'The simulator is built from the documented behaviour of AKS, not from our controller.',
      },
      notOursInSimulator(),
      azureSdk,
      kubernetesClient,
    ],
  ),
  {
    files: [
      'simulator/main-program.ts',
      'scripts/**',
      'demo/**',
      'bench/**',
      'test/environment/**',
      'test/control-plane/**',
      'test/go-tools/**',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly' },
    },
    rules: { ...tseslint.configs.disableTypeChecked.rules, 'no-restricted-syntax': 'off' },
  },
);

function notOursInSimulator() {
  return { group: ['**/test/**', '**/bench/**', '**/demo/**'], message: 'The simulator stands alone.' };
}
