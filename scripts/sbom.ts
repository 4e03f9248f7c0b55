import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

interface Licence {
  readonly expression?: string;
  readonly license?: {
    readonly id?: string;
    readonly name?: string;
    readonly text?: { readonly content: string; readonly encoding?: string };
  };
}
interface Component {
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly Licence[];
  evidence?: { readonly licenses?: readonly Licence[] };
}
interface Sbom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
}

/**
 * Writes what a bundle consists of: aks-ca-trust.cdx.json, a CycloneDX bill of materials, and THIRD-PARTY-NOTICES.txt with the licence
 * texts, which most licences want to go with every copy. Both have only the packages with bytes in the bundle.
 *
 * @param root the folder that paths in the metafile are relative to
 */
export function writeSbom(metafile: Metafile, root: string, outdir: string): void {
  const packages = join(outdir, 'packages.json');
  writeFileSync(packages, JSON.stringify(asPackages(metafile)));
  const cli = join(root, 'node_modules/@cyclonedx/cyclonedx-esbuild/bin/cyclonedx-esbuild-cli.js');
  const flags = ['--gather-license-texts', '--output-reproducible', '--validate', '--output-file', '-', packages];
  const text = execFileSync(process.execPath, [cli, ...flags], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    stdio: 'pipe',
  });
  rmSync(packages);
  const sbom = JSON.parse(text.toString('utf8')) as Sbom;
  const notices = [...new Set(sbom.components.map(noticeOf))].sort();
  writeFileSync(
    join(outdir, 'THIRD-PARTY-NOTICES.txt'),
    `This program contains the following packages.\n\n${notices.join('\n')}`,
  );
  // Their texts are in the notices.
  for (const component of [sbom.metadata.component, ...sbom.components]) delete component.evidence;
  const { bomFormat, specVersion, ...rest } = sbom;
  // Attestations want one. This is the same for the same content, where a random one would make each build another.
  const numbered = { bomFormat, specVersion, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(sbom))}`, ...rest };
  writeFileSync(join(outdir, 'aks-ca-trust.cdx.json'), `${JSON.stringify(numbered, null, 1)}\n`);
}

/** A UUID of version 8, RFC 9562: its content is the application's own. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The metafile with one input a package. Some packages have a package.json in a folder of their own as well, and the tool would take the
 * nearest one, which names no licence. Node's modules are no packages.
 */
function asPackages({ inputs, outputs }: Metafile) {
  const isFile = (path: string) => !/^[\w-]+:/.test(path);
  const root = (path: string) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
  const inputOf = (path: string) => (root(path) === undefined ? path : `${root(path)}/package.json`);
  const merged: Record<string, { bytes: number; imports: { path: string }[] }> = {};
  for (const [path, { bytes, imports }] of Object.entries(inputs).filter(([path]) => isFile(path))) {
    const input = (merged[inputOf(path)] ??= { bytes: 0, imports: [] });
    input.bytes += bytes;
    const paths = imports.map((imported) => inputOf(imported.path)).filter((to) => to in inputs || root(to));
    input.imports.push(...[...new Set(paths)].map((to) => ({ path: to })));
  }
  return {
    inputs: merged,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([file, output]) => {
        const kept = Object.entries(output.inputs).filter(([path, part]) => isFile(path) && part.bytesInOutput > 0);
        return [file, { ...output, inputs: Object.fromEntries(kept.map(([path, part]) => [inputOf(path), part])) }];
      }),
    ),
  };
}

function noticeOf({ group, name, version, licenses = [], evidence }: Component): string {
  const named = licenses.map(({ expression, license }) => expression ?? license?.id ?? license?.name ?? '').join(', ');
  const texts = (evidence?.licenses ?? []).flatMap(({ license }) => (license?.text ? [license.text] : []));
  const title = `==== ${group === undefined ? '' : `${group}/`}${name} ${version} (${named || 'licence not named'})`;
  return [title, ...texts.map(({ content }) => Buffer.from(content, 'base64').toString('utf8').trim()), ''].join(
    '\n\n',
  );
}
