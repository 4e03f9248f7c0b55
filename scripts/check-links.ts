/**
 * Refuses links of Markdown files to files and headings that do not exist, and paths of pages in other files. Links to other sites are
 * not followed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { remark } from 'remark';
import validateLinks from 'remark-validate-links';
import { engine } from 'unified-engine';

const filesOf = (...patterns: readonly string[]) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .filter((file) => existsSync(file));

let missing = 0;
for (const file of filesOf('*.ts', '*.mjs', '*.yaml', '*.tpl', '*.txt', 'Makefile', 'Dockerfile'))
  for (const [page] of readFileSync(file, 'utf8').matchAll(/(?<![\w./-])docs\/[\w/-]+\.md\b/g))
    if (!existsSync(page)) {
      missing += 1;
      console.error(`${file} names ${page}, which does not exist`);
    }

engine(
  {
    processor: remark(),
    files: filesOf('*.md'),
    // Its type names the set of files that the engine adds to its arguments.
    plugins: [[validateLinks as never, { repository: false }]],
    frail: true,
    quiet: true,
  },
  (error, code) => {
    if (error) throw error;
    process.exitCode = missing > 0 ? 1 : code;
  },
);
