import { posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pages, textOf } from './commands.ts';

/** Pages to which a page links, as paths from the root. */
function linksOf(page: string): string[] {
  return [...textOf(page).matchAll(/\]\(([^)#]+\.md)(?:#[^)]*)?\)/g)].map(([, link = '']) =>
    posix.join(posix.dirname(page), link),
  );
}

describe('docs/README.md', () => {
  // Decisions are listed from their folder, and a runbook is found from its alert.
  const listed = pages().filter((page) => !/^docs\/(?:adr\/\d|runbooks\/|README\.md)|^README\.md/.test(page));

  it('lists every page', () => {
    const links = new Set(linksOf('docs/README.md'));
    expect(listed.filter((page) => !links.has(page))).toEqual([]);
  });

  it('lists a page under the kind of its folder', () => {
    const wrong = textOf('docs/README.md')
      .split(/^## /m)
      .slice(1)
      .flatMap((section) => {
        const kind = section.slice(0, section.indexOf('\n')).toLowerCase().replace(' ', '-');
        const links = [...section.matchAll(/^- \[[^\]]+\]\((\w[\w-]*)\//gm)].map(([, folder]) => folder);
        return kind === 'contributing' ? [] : links.filter((folder) => folder !== kind);
      });
    expect(wrong).toEqual([]);
  });
});

it('README.md fits one screen, and has a link to each kind of page', () => {
  const links = linksOf('README.md');
  for (const kind of ['tutorial', 'how-to', 'concepts', 'reference'])
    expect(links.some((link) => link.startsWith(`docs/${kind}/`))).toBe(true);
  expect(textOf('README.md').split('\n').length).toBeLessThan(70);
});
