/** A site of the pages of docs/. Its navigation is the list in docs/README.md; a dead link fails the build. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { env } from 'node:process';

const docs = new URL('../', import.meta.url);
/** Address of the repository, for links to files that are no pages. Without it, they are text. */
const repository = env.REPOSITORY_URL;

/** Sections of docs/README.md with their pages, and the decisions. */
function sidebar() {
  const sections = readFileSync(new URL('README.md', docs), 'utf8').split(/^## /m).slice(1);
  const decisions = globSync('adr/0*.md', { cwd: docs }).toSorted();
  return [
    ...sections.map((section) => ({
      text: section.slice(0, section.indexOf('\n')),
      items: [...section.matchAll(/^- \[([^\]]+)\]\(([^)]+)\.md\)/gm)].map(([, text, link]) => ({
        text,
        link: `/${link.replace(/README$/, '')}`,
      })),
    })),
    {
      text: 'Decisions',
      collapsed: true,
      items: decisions.map((file) => ({ text: titleOf(file), link: `/${file.replace(/\.md$/, '')}` })),
    },
  ];
}

function titleOf(file) {
  return readFileSync(new URL(file, docs), 'utf8').split('\n', 1)[0].replace(/^# /, '');
}

/** Links that leave docs/ lead to the repository, and those to a README to its folder. */
function repositoryLinks(md) {
  md.core.ruler.push('repository-links', ({ tokens, env: { relativePath } }) => {
    for (const { children } of tokens) {
      const open = [];
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = token.attrGet('href');
          token.attrSet('href', href.replace(/^(\.[./\w-]*\/|[\w-]+\/|)README\.md/, './$1'));
          open.push(leavesDocs(href, relativePath));
        }
        const path = token.type === 'link_close' ? open.pop() : open.at(-1);
        if (!path || !token.type.startsWith('link_')) continue;
        if (repository === undefined) Object.assign(token, { type: 'span', tag: 'span', attrs: null });
        else if (token.type === 'link_open') token.attrSet('href', `${repository}/blob/main/${path}`);
      }
    }
  });
}

function leavesDocs(href, page) {
  if (!/^\.\.?\//.test(href)) return undefined;
  const path = normalize(join('docs', dirname(page), href));
  return path.startsWith('docs/') && /\.md(?:#|$)/.test(path) ? undefined : path;
}

export default {
  title: 'aks-ca-trust',
  description: 'Decides which certificate authorities the nodes of AKS clusters trust',
  cleanUrls: true,
  // The highlighter does not know PromQL, whose comments and strings are like those of Ruby.
  markdown: { config: repositoryLinks, languageAlias: { promql: 'ruby' } },
  rewrites: { 'README.md': 'index.md', ':folder/README.md': ':folder/index.md' },
  themeConfig: { sidebar: sidebar(), outline: 'deep', search: { provider: 'local' } },
};
