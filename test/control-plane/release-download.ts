import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Where Kubernetes releases its programs, each with its checksum beside it. kubernetes.io/releases/download */
export const RELEASES = 'https://dl.k8s.io';

export interface Download {
  /** Such as {@link RELEASES}. */
  readonly from: string;
  /** Without `v`. */
  readonly version: string;
  /** The file; its name is the program's. */
  readonly out: string;
  readonly say: (line: string) => void;
  /** For all of it, in ms. */
  readonly timeoutMs: number;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ppc64: 'ppc64le',
  s390x: 's390x',
};

/** The programs of a control plane are released for Linux only. */
export function isReleasedFor(platform: NodeJS.Platform, arch: string): boolean {
  return platform === 'linux' && ARCHITECTURES[arch] !== undefined;
}

/** Fetches a released program. Rejects when it cannot be had, or is not what its checksum says; nothing is left of it then. */
export async function downloadProgram({ from, version, out, say, timeoutMs }: Download): Promise<void> {
  const name = basename(out);
  const url = `${from}/v${version}/bin/linux/${ARCHITECTURES[process.arch]}/${name}`;
  say(`control plane: downloading ${name} (official release) …`);
  const signal = AbortSignal.timeout(timeoutMs);
  const wanted = (await (await get(`${url}.sha256`, signal)).text()).trim().split(/\s/)[0];
  const { body } = await get(url, signal);
  if (!body) throw new Error(`${url}: an empty answer`);
  mkdirSync(dirname(out), { recursive: true });
  // Test files run at the same time and may want the same program: each writes a file of its own, the last one stays.
  const unfinished = `${out}.${process.pid}.new`;
  try {
    const file = await open(unfinished, 'w');
    const hash = createHash('sha256');
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        await file.write(chunk);
      }
    } finally {
      await file.close();
    }
    const found = hash.digest('hex');
    if (found !== wanted) throw new Error(`${url}: its SHA-256 is ${found}, and ${wanted} was announced`);
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, out);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

async function get(url: string, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  return answer;
}
