import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Core, loadCore } from './core.ts';
import type { PlantedBug } from './planted-bugs.ts';

const LIB = fileURLToPath(new URL('../../lib/', import.meta.url));

/**
 * Copies lib to a folder of its own, plants the bug there and loads the functions from it. Throws where the text to
 * replace is not in the source, or is there twice: then the list of bugs has to follow the source.
 */
export async function withPlanted<T>(bug: PlantedBug, use: (core: Core) => Promise<T>): Promise<T> {
  if (bug.changes === undefined) return use(await loadCore());
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  try {
    cpSync(LIB, join(folder, 'lib'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const { file, find, put } of bug.changes) {
      const path = join(folder, 'lib', file);
      const parts = readFileSync(path, 'utf8').split(find);
      if (parts.length !== 2) throw new Error(`"${find}" is ${parts.length - 1} times in ${file}, not once`);
      writeFileSync(path, parts.join(put));
    }
    return await use(await loadCore(join(folder, 'lib')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
