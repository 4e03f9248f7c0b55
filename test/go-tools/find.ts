import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { goBuild, hasGo } from './build.ts';

interface Tool {
  /** Its main package: a module that go.mod beside this file pins, or a folder here, beginning with `./`. */
  readonly target: string;
  readonly ldflags?: string;
  readonly tags?: readonly string[];
  /** Arguments that print a version, and what a usable version of the machine's own program prints. Absent: only our own build is used. */
  readonly onPath?: { readonly args: readonly string[]; readonly prints: RegExp };
}

const TOOLS = {
  helm: {
    target: 'helm.sh/helm/v3/cmd/helm',
    ldflags: '-s -w -X helm.sh/helm/v3/internal/version.version=v3.22.0',
    onPath: { args: ['version', '--template', '{{.Version}}'], prints: /^v3\.(?:1[4-9]|[2-9]\d)\./ },
  },
  'helm-unittest': { target: 'github.com/helm-unittest/helm-unittest/cmd/helm-unittest' },
  promtool: {
    target: 'github.com/prometheus/prometheus/cmd/promtool',
    // Without the SDKs of all clouds, which take most of the time to build.
    tags: ['remove_all_sd'],
    onPath: { args: ['--version'], prints: /^promtool, version 3\./ },
  },
  'gitops-verdicts': { target: './gitops-verdicts' },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof TOOLS;

/** The variable of the environment in which the tests find the tool. */
function variableOf(name: ToolName): string {
  return `AKS_CA_TRUST_${name.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * Finds each tool, and leaves its path where {@link toolPath} reads it. Looked for in this order: that variable of the environment, PATH,
 * our cache outside of the checkout, a build from Go modules into that cache. A tool that cannot be had is said to be missing, and its
 * tests are skipped.
 */
export async function findGoTools(say: (line: string) => void): Promise<void> {
  for (const name of Object.keys(TOOLS) as ToolName[]) {
    const variable = variableOf(name);
    if (process.env[variable] !== undefined) continue;
    const path = findOnPath(name) ?? (await fromCache(name, say));
    if (path !== undefined) process.env[variable] = path;
    else say(`tools: there is no ${name}, and no Go to build it with: its tests are skipped`);
  }
}

/** Path of a tool that is there already; undefined where it would have to be built. */
export function findBuiltTool(name: ToolName): string | undefined {
  return findOnPath(name) ?? [cachedPathOf(name)].find(isExecutable);
}

/** Path of the tool; undefined where it could not be had: then its tests are skipped. */
export function toolPath(name: ToolName): string | undefined {
  return process.env[variableOf(name)];
}

function findOnPath(name: ToolName): string | undefined {
  const { onPath }: Tool = TOOLS[name];
  if (onPath === undefined) return undefined;
  try {
    const printed = execFileSync(name, onPath.args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return onPath.prints.test(printed) ? name : undefined;
  } catch {
    return undefined;
  }
}

function cachedPathOf(name: ToolName): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const { target }: Tool = TOOLS[name];
  // A change of any version builds anew, and a change of a program of our own builds that one.
  const file = target.startsWith('./') ? `${name}-${hashOf(join(target, 'main.go'))}` : name;
  return join(base, 'aks-ca-trust', `tools-${hashOf('go.sum')}`, file);
}

async function fromCache(name: ToolName, say: (line: string) => void): Promise<string | undefined> {
  const { target, ldflags = '-s -w', tags = [] }: Tool = TOOLS[name];
  const path = cachedPathOf(name);
  if (isExecutable(path)) return path;
  if (!hasGo()) return undefined;
  try {
    await goBuild({ folder: import.meta.dirname, target, ldflags, tags, purpose: 'tools' }, path, say);
    return path;
  } catch (error) {
    say(`tools: ${name} could not be built: ${(error as Error).message}`);
    return undefined;
  }
}

function hashOf(file: string): string {
  const text = readFileSync(join(import.meta.dirname, file));
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
