/**
 * The one list of the commands of pages that no test runs, each with the reason. An entry that no command needs any more fails a test.
 *
 * `calls` is a program that a command calls anywhere; `begins` the beginning of a command.
 */
export interface Exception {
  readonly calls?: string;
  readonly begins?: string;
  readonly why: string;
}

const NO_KUBELET = 'the API servers of the tests have no kubelets, so that no pod runs';

export const CANNOT_RUN: readonly Exception[] = [
  { calls: 'az', why: 'it needs the Azure CLI, and most of these commands change a real subscription' },
  { calls: 'docker', why: 'it needs a container engine and a registry' },
  { calls: 'openssl', why: 'it connects to a registry of the reader' },
  { calls: 'jq', why: 'not every machine has jq; test/integration/status.test.ts reads the same JSON' },
  { begins: 'make build', why: 'test/deploy/bundle.test.ts builds the same file' },
  { begins: 'alias ', why: 'it is for the shell of the reader; test/deploy/bundle.test.ts runs the built file' },
  { calls: 'cosign', why: 'there is no release yet that it could verify' },
  { calls: 'gh', why: 'there is no release yet that it could verify' },
  { calls: 'sha256sum', why: 'it reads the files of a release' },
  { calls: 'git', why: 'it makes or reads a tag of a release' },
  { begins: 'cd aks-ca-trust', why: 'it enters the clone of a release' },
  { begins: 'make release-dry-run', why: 'it builds from a clone of the last commit, which takes minutes' },
  { begins: 'node scripts/release.ts', why: 'it wants a tag of a release' },
  { begins: 'export PATH=', why: 'it is for the shell of the reader' },
  { begins: 'node scripts/live-check.ts', why: 'it replaces the nodes of a live cluster; test/live-check runs it' },
  { begins: 'make demo', why: 'the demo is a run of its own of three minutes' },
  { begins: 'make play', why: 'it runs until it is interrupted; the demo begins like it' },
  {
    begins: 'aks-ca-trust convert --from-cluster',
    why: 'it needs a sign-in to Azure; test/integration/convert.test.ts runs it at the simulator',
  },
  { begins: 'kubectl -n aks-ca-trust-system rollout status', why: NO_KUBELET },
  { begins: 'kubectl -n aks-ca-trust-system logs', why: NO_KUBELET },
  { begins: 'kubectl exec', why: NO_KUBELET },
];

/** The exception for a command, if there is one. */
export function exceptionFor(command: string): Exception | undefined {
  return CANNOT_RUN.find(({ calls, begins }) =>
    calls === undefined ? command.startsWith(begins ?? '\n') : callsProgram(command, calls),
  );
}

function callsProgram(command: string, program: string): boolean {
  return new RegExp(String.raw`(?:^|[|;&\n]\s*|\$\(|\bdo )${program}\s`).test(command);
}
