import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/**
 * Builds the command line into a folder: what is loaded late stays in files of its own, so that a command loads what
 * it needs, as in the clone. Dependencies are the package's. Answers the folder and its size.
 */
export async function buildCli(out: string): Promise<[path: string, bytes: number]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join('lib', 'cli', 'main.ts')],
    outdir: out,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    packages: 'external',
    chunkNames: 'part-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  return [out, Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0)];
}
