import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ARM_FUNCTIONS, AZURE_FUNCTIONS, bundleFunctions, FUNCTIONS } from './bundle-functions.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Bundles the functions into a folder, unless all are there and newer than everything that they are made of. */
export async function freshBundles(out: string): Promise<void> {
  const bundles = [...FUNCTIONS, ...Object.keys({ ...AZURE_FUNCTIONS, ...ARM_FUNCTIONS })].map(name =>
    join(out, `${name}.mjs`),
  );
  const sources = ['functions', 'lib'].flatMap(folder => sourcesIn(join(ROOT, folder)));
  const oldest = Math.min(...bundles.map(changed));
  const newest = Math.max(...[...sources, join(ROOT, 'package-lock.json')].map(changed));
  if (oldest <= newest) await bundleFunctions(out);
}

/** Folders too: a file that went changes its folder. */
function sourcesIn(folder: string): readonly string[] {
  const at = (entry: Dirent) => join(entry.parentPath, entry.name);
  return [folder, ...readdirSync(folder, { withFileTypes: true, recursive: true }).map(at)];
}

/** Milliseconds since 1970; 0 for what is not there. */
function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
