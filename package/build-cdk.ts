import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
/** As package.json names them. */
const ENTRY = 'index';

const run = promisify(execFile);

/**
 * Builds `archweave/cdk` into a folder: one ES module that a CommonJS app may require too, since nothing in it waits
 * while it loads, and its types. CDK itself comes from whoever imports it. Answers the module's path and size.
 */
export async function buildCdk(out: string): Promise<[path: string, bytes: number]> {
  const path = join(out, `${ENTRY}.js`);
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join('infra', `${ENTRY}.ts`)],
    outfile: path,
    bundle: true,
    platform: 'node',
    // What CDK still runs on.
    target: 'node20',
    format: 'esm',
    external: ['aws-cdk-lib', 'constructs'],
    supported: { 'top-level-await': false },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    // yaml is CommonJS, and asks for its modules of Node by `require`.
    banner: {
      js: "import{createRequire as archweaveRequire}from'node:module';const require=archweaveRequire(import.meta.url);",
    },
  });
  await writeTypes(out);
  return [path, Object.values(metafile.outputs)[0]!.bytes];
}

/** The declarations that the entry's own lead to, and no more. */
async function writeTypes(out: string): Promise<void> {
  const made = join(out, 'made');
  await run(process.execPath, [
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    '--project',
    join(import.meta.dirname, 'tsconfig.json'),
    '--outDir',
    made,
  ]);
  const files = new Set([join(made, 'infra', `${ENTRY}.d.ts`)]);
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    for (const [, specifier] of text.matchAll(/from '(\.[^']+)\.ts'/g))
      files.add(join(dirname(file), `${specifier}.d.ts`));
    await writeFile(join(out, basename(file)), text.replaceAll(/(from '\.[^']+)\.ts'/g, "$1.js'"));
  }
  await rm(made, { recursive: true });
}
