import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundle, type Bundle } from './bundle.ts';

/** Licences that allow to ship a package in a bundle under Apache-2.0, with their text and nothing else. */
const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT']);
/** Their packages have no file with the licence, as they name it in package.json alone. */
const WITHOUT_TEXT = ['proxy-agent-negotiate'];

interface Component {
  readonly type: string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly { readonly expression?: string; readonly license?: { readonly id?: string } }[];
}

let bundle: Bundle;
let sbom: {
  readonly serialNumber: string;
  readonly components: readonly Component[];
  readonly metadata: { readonly component: Component };
};
let notices: string;
let text: string;
beforeAll(async () => {
  bundle = await buildBundle();
  const file = (name: string) => readFileSync(join(bundle.besides, 'dist', name), 'utf8');
  sbom = JSON.parse(file('aks-ca-trust.cdx.json')) as typeof sbom;
  notices = file('THIRD-PARTY-NOTICES.txt');
  text = file('aks-ca-trust.mjs.map');
}, 60_000);
afterAll(() => bundle.remove());

/** "(BSD-3-Clause OR GPL-2.0)" leaves the choice; with AND, and without brackets that match, nothing is split. */
const choicesOf = (expression: string) => expression.replace(/^\(([^()]*)\)$/, '$1').split(' OR ');
const nameOf = ({ group, name }: Component) => (group === undefined ? name : `${group}/${name}`);

describe('the bill of materials of the bundle', () => {
  it('names this program and its version, under a number of its own, which attestations want', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Component;
    expect(sbom.serialNumber).toMatch(/^urn:uuid:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(sbom.metadata.component).toMatchObject({ type: 'application', name: 'aks-ca-trust', version });
  });

  it('has each package that the source map of the bundle names', () => {
    const { sources } = JSON.parse(text) as { sources: readonly string[] };
    const packages = sources.flatMap((source) => {
      const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
      // A package with a source map of its own can name files that are not where npm put it.
      return name === undefined || name === 'src' ? [] : [name];
    });
    const named = new Set(sbom.components.map(nameOf));
    expect([...new Set(packages)].filter((name) => !named.has(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(100);
  });

  it('has only packages of the lock file that are not for development alone, in the versions there', () => {
    const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
      packages: Record<string, { version: string; dev?: boolean }>;
    };
    const shipped = Object.entries(lock.packages)
      .filter(([, { dev }]) => dev !== true)
      .map(([path, { version }]) => `${path.split('node_modules/').at(-1)} ${version}`);
    const named = sbom.components.map((component) => `${nameOf(component)} ${component.version}`);
    expect(named.filter((component) => !shipped.includes(component))).toEqual([]);
  });

  it('has only packages whose licence allows to ship them', () => {
    const refused = sbom.components.filter(({ licenses = [] }) => {
      const ids = licenses.map(({ expression, license }) => expression ?? license?.id ?? 'not named');
      return ids.length === 0 || ids.some((id) => !choicesOf(id).some((choice) => ALLOWED.has(choice)));
    });
    expect(refused.map(nameOf)).toEqual([]);
  });

  it('comes with the text of each licence', () => {
    const parts = notices.split(/^==== /m).slice(1);
    const title = (component: Component) => `${nameOf(component)} ${component.version} (`;
    const bare = sbom.components.filter((component) => {
      const part = parts.find((candidate) => candidate.startsWith(title(component)));
      return (part?.split('\n').slice(1).join('').trim().length ?? 0) < 200;
    });
    expect(bare.map(nameOf)).toEqual(WITHOUT_TEXT);
  });
});
