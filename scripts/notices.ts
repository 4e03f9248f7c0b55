import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * The licence texts of the packages that these files came from: most licences want theirs to go with every copy.
 *
 * @param files relative to `root`
 */
export function noticesOf(files: readonly string[], root: string): string {
  const folders = new Set(files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? []));
  const notices = [...folders].map((folder) => noticeOf(join(root, folder)));
  return `This program contains the following packages.\n\n${[...new Set(notices)].sort().join('\n')}`;
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`==== ${name} ${version} (${license ?? 'licence not named'})`, ...texts, ''].join('\n\n');
}
