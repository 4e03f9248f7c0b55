import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/concepts/security.md');
const promises = page.split(/^### /m).slice(1);
const shownBy = (text: string) =>
  [...text.matchAll(/^- `(test\/[^`]+)`(?:: "(.+)")?$/gm)].map(([, file = '', name]) => ({ file, name }));

describe('the page on security', () => {
  it('says in its first line what holds without a policy file', () => {
    expect(page.split('\n')[2]).toMatch(/^\*\*Without a policy file, every person who may create a `CustomCATrust`/);
  });

  it.each(promises.map((text) => [text.slice(0, text.indexOf('\n')), text]))('shows by tests: %s', (_, text) => {
    expect(shownBy(text.split(/^## /m)[0] ?? '')).not.toEqual([]);
  });

  it.each(shownBy(page).map(({ file, name }) => [file, name ?? '']))(
    'names a test that there is: %s %s',
    (file, name) => {
      expect(existsSync(new URL(`../../${file}`, import.meta.url))).toBe(true);
      expect(read(file).replaceAll("\\'", "'")).toContain(name);
    },
  );
});
