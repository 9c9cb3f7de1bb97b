import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { slimAzure } from './slim-azure.ts';

/** Functions of every deployment, of those with a way in, and of those with imports. None has any code for Azure. */
export const FUNCTIONS = [
  'receive',
  'assemble',
  'due',
  'sweep',
  'hook',
  'authorize',
  'import-intake',
  'copy',
] as const;

/** Those of a deployment with registries in Azure, by the names of their bundles. */
export const AZURE_FUNCTIONS = {
  'assemble-azure': 'assemble',
  'sweep-azure': 'sweep',
  poll: 'poll',
  'import-intake-azure': 'import-intake',
  'copy-azure': 'copy',
} as const;

/** Of a deployment with imports between registries in Azure that fetch by themselves. */
export const ARM_FUNCTIONS = { 'copy-azure-arm': 'copy' } as const;

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Bundles each function into one file, `OUT/NAME.mjs` with its source map: nothing is resolved when it starts, and
 * whoever deploys it needs no bundler. `config.json` is put next to it later. Answers what went into which.
 * `plugins` are for benchmarks that look inside.
 */
export async function bundleFunctions(out: string, plugins: readonly Plugin[] = []): Promise<Metafile> {
  const entry = (name: string) => join('functions', `${name}.ts`);
  const renamed = (functions: Readonly<Record<string, string>>) =>
    Object.entries(functions).map(([as, name]) => ({ in: entry(name), out: as }));
  const built = await Promise.all([
    build({
      ...COMMON,
      outdir: out,
      entryPoints: FUNCTIONS.map(entry),
      external: [STS],
      plugins: [...plugins],
    }),
    build({
      ...COMMON,
      outdir: out,
      entryPoints: renamed(AZURE_FUNCTIONS),
      plugins: [withAzure('import-ends-azure.ts'), slimAzure, ...plugins],
    }),
    build({
      ...COMMON,
      outdir: out,
      entryPoints: renamed(ARM_FUNCTIONS),
      plugins: [withAzure('import-ends-azure-arm.ts'), slimAzure, ...plugins],
    }),
  ]);
  await mkdir(out, { recursive: true });
  for (const { path, contents } of built.flatMap(({ outputFiles }) => outputFiles))
    await replaceFile(path, contents);
  return {
    inputs: Object.assign({}, ...built.map(({ metafile }) => metafile.inputs)),
    outputs: Object.assign({}, ...built.map(({ metafile }) => metafile.outputs)),
  };
}

/** Only another account's role needs it, and Lambda's runtime has one: 23 KB less at each cold start. */
const STS = '@aws-sdk/client-sts';

const COMMON = {
  absWorkingDir: ROOT,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The SDK's ES modules can be shaken, its CommonJS ones (which Node would take) cannot: 430 KB instead of 710.
  mainFields: ['module', 'main'],
  alias: {
    '@aws-sdk/credential-provider-node': join(ROOT, 'functions', 'bundle', 'lambda-credentials.ts'),
  },
  // For what is CommonJS all the same.
  banner: {
    js: "import{createRequire as archweaveRequire}from'node:module';const require=archweaveRequire(import.meta.url);",
  },
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  write: false,
} satisfies BuildOptions;

/** The same functions, with the registries of Azure among those that they open. */
const withAzure = (importEnds: string): Plugin => ({
  name: 'with-azure',
  setup({ onResolve }) {
    const at = (name: string) => join(ROOT, 'functions', name);
    onResolve({ filter: /^\.\/registries\.ts$/ }, () => ({ path: at('registries-azure.ts') }));
    onResolve({ filter: /^\.\/import-ends-acr\.ts$/ }, () => ({ path: at(importEnds) }));
  },
});

/** Whoever reads the file meanwhile has all of it, old or new. */
async function replaceFile(path: string, contents: Uint8Array): Promise<void> {
  const part = `${path}.${process.pid}`;
  await writeFile(part, contents);
  await rename(part, path);
}
