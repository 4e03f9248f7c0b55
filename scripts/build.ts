/** Writes dist/aks-ca-trust.mjs, the whole program in one file, which needs Node.js 24 and nothing else, and what it consists of. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { writeSbom } from './sbom.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { outdir: { type: 'string', default: join(root, 'dist') } } });
const outfile = join(values.outdir, 'aks-ca-trust.mjs');

/**
 * `KubeConfig` of @kubernetes/client-node reads kubeconfigs; the generated clients beside it, 5 MB of text, are for programs that
 * call `makeApiClient`, which is never called here.
 */
const withoutGeneratedClients: Plugin = {
  name: 'without generated clients',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ importer }) =>
      /client-node[\\/]dist[\\/]config\.js$/.test(importer) ? { path: 'none', namespace: 'generated' } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'generated' }, () => ({
      contents: `const left = () => { throw new Error('the generated clients are not part of this bundle'); };
        export const createConfiguration = left; export const ServerConfiguration = left;`,
    }));
  },
};

/** `debug` takes supports-color where it happens to be installed, as it is here for tests alone. */
const withoutColors: Plugin = {
  name: 'without colors',
  setup(bundler) {
    bundler.onResolve({ filter: /^supports-color$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    bundler.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * `requireLate` of src/certificates/containers/forge.ts is a `require` that Node makes for a module; a bundler follows only one of that
 * name. What is required so is part of the bundle, and runs when it is called for.
 */
const lateLibraries: Plugin = {
  name: 'late libraries',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]certificates[\\/]containers[\\/]forge\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text.replaceAll("requireLate('", "require('");
      if (contents === text) throw new Error(`${path} requires nothing by the name requireLate`);
      return { contents, loader: 'ts' };
    });
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  // The image builds without tsconfig.json: what esbuild would read from it is said here, so that both build the same bytes.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, strict: true } },
  format: 'esm',
  // `main` of some packages is UMD, whose calls of require a bundler cannot follow; `module` is theirs for bundlers.
  mainFields: ['module', 'main'],
  // Libraries in CommonJS require Node's own modules; an ES module has no require of its own.
  banner: {
    js:
      // npm's links and people start the file itself.
      '#!/usr/bin/env node\n' +
      "import { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);\n" +
      readFileSync(join(root, 'scripts/needs-node.mjs'), 'utf8'),
  },
  plugins: [withoutGeneratedClients, withoutColors, lateLibraries, requireBuiltins()],
  minifyWhitespace: true,
  minifySyntax: true,
  // Names stay, so that stack traces can be read. Node prints the line that throws: without a limit, all of it.
  lineLimit: 200,
  // The source map is beside the bundle, for people who read a stack trace later; Node would take 10 MB of it into memory at the first error.
  sourcemap: 'external',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
refuseOpenEnds(outfile);
escapeNonASCII(outfile);
chmodSync(outfile, 0o755);
writeSbom(metafile, root, values.outdir);
const kilobytes = Math.round(readFileSync(outfile).length / 1000);
console.log(`${outfile}: ${kilobytes} kB`);

/**
 * Takes Node's own modules with `require`. An `import` of a name that an older Node.js does not have ends the program before its first
 * line, which is the one that says which Node.js is needed. And an `import` of `http`, which happens even where the package that has it is
 * not run, loads all of Node's own HTTP client: half of the time until `--help` is printed.
 */
function requireBuiltins(): Plugin {
  const namespace = 'builtin';
  return {
    name: 'require-builtins',
    setup(bundling) {
      // Also without `node:`, as older packages name them.
      bundling.onResolve({ filter: /^[a-z]/ }, ({ path, kind, importer, namespace: from }) => {
        if (!isBuiltin(path)) return undefined;
        const isRequired = kind === 'require-call' || (from === namespace && importer === path);
        return isRequired ? { path, external: true } : { path, namespace };
      });
      bundling.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: `module.exports = require('${path}');`,
      }));
    },
  };
}

/** A file that is required by its path was not found while bundling, and will not be there. */
function refuseOpenEnds(file: string): void {
  const [call] = /\brequire\d*\(["'`]\.[^)]*\)/.exec(readFileSync(file, 'utf8')) ?? [];
  if (call !== undefined) throw new Error(`${file} still has ${call}`);
}

/**
 * One character above U+007F makes V8 keep the whole text at two bytes a character. esbuild leaves them in regular expressions
 * only, where an escape means the same.
 */
function escapeNonASCII(file: string): void {
  const text = readFileSync(file, 'utf8');
  const escaped = text.replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (escaped !== text) writeFileSync(file, escaped);
}
