import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

export const FUNCTIONS = ['receive', 'assemble', 'due', 'sweep', 'hook', 'authorize'] as const;

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Bundles each function into one file, `OUT/NAME.mjs` with its source map: nothing is resolved when it starts, and
 * whoever deploys it needs no bundler. `config.json` is put next to it later. Answers what went into which.
 */
export async function bundleFunctions(out: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: FUNCTIONS.map(name => join('functions', `${name}.ts`)),
    outdir: out,
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
    // Only another account's role needs it, and Lambda's runtime has one: 23 KB less at each cold start.
    external: ['@aws-sdk/client-sts'],
    // For what is CommonJS all the same.
    banner: {
      js: "import{createRequire as archweaveRequire}from'node:module';const require=archweaveRequire(import.meta.url);",
    },
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  return metafile;
}
