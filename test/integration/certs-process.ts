import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import type { Simulator } from '../../simulator/index.ts';
import type { Who } from './check-rig.ts';
import type { Command, Ended } from './status-rig.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The actions in Azure that a person needs for all rows. */
export const KUBECONFIG_ACTION = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';
export const READ_ACTION = 'Microsoft.ContainerService/managedClusters/read';
/** The certificates of the test API server are valid for days only. */
export const SOON = ['--expiry-warning', '1h'];

/** `aks-ca-trust certs` as a process, in a pipe. */
export function start(words: readonly string[], env: Record<string, string> = {}): Command {
  const child = spawn(process.execPath, [MAIN, 'certs', ...words], { env: { PATH: '/nowhere', ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { ended, out: () => out, kill: (signal) => child.kill(signal), stopReading: () => child.stdout.destroy() };
}

export const run = (...words: string[]) => start(words).ended;

/** With the sign-in of a person at the simulator; `folder` has its certificate as ca.pem. */
export function runWithAzure(
  { url, authority, tenantId }: Pick<Simulator, 'url' | 'authority' | 'tenantId'>,
  folder: string,
  who: Who,
  ...words: string[]
): Promise<Ended> {
  const flags = ['--arm-endpoint', url, '--authority-host', authority, '--disable-instance-discovery'];
  const env = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: who.clientId, AZURE_CLIENT_SECRET: who.clientSecret };
  return start([...words, ...flags, '--ca-file', join(folder, 'ca.pem')], env).ended;
}

/** Writes a file, and returns its path. */
export function file(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The document of `-o json`, as far as tests read it. */
export interface Document {
  readonly exitCode: number;
  readonly certificates: readonly {
    readonly name: string;
    readonly health: string;
    readonly source?: string;
    readonly message?: string;
    readonly fingerprintSHA256?: string;
  }[];
  readonly autoRotation: readonly { readonly pool: string; readonly state: string }[];
  readonly nodeCommands: readonly { readonly command: string }[];
  readonly rotationRequest?: object;
  readonly notices: readonly string[];
  readonly scan?: { readonly holders: readonly object[]; readonly problems: readonly string[] };
}

export async function documentOf(ended: Promise<Ended>): Promise<Document> {
  const { code, out, err } = await ended;
  expect(out).not.toBe('');
  const document = JSON.parse(out) as Document;
  expect(document.exitCode).toBe(code);
  expect(err.split('\n').filter((line) => line !== '')).toHaveLength(document.notices.length);
  return document;
}

/** Health and source of each row, by its name. */
export function rowsOf({ certificates }: Document): Record<string, string> {
  return Object.fromEntries(
    certificates.map(({ name, health, source }) => [name, source === undefined ? health : `${health}: ${source}`]),
  );
}

/** The message of one row. */
export function messageOf({ certificates }: Document, named: string): string | undefined {
  return certificates.find(({ name }) => name === named)?.message;
}
