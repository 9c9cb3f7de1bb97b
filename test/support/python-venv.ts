import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT, tool } from './find-tool.ts';

const run = promisify(execFile);

/**
 * The Python of `.tools/NAME`, which has one package. Makes it the first time, which takes some 20 seconds and a
 * network; answers at once from then on.
 */
export async function pythonWith(name: string, pinned: `${string}==${string}`): Promise<string> {
  const venv = join(PROJECT_ROOT, '.tools', name);
  const marker = `has-${pinned.replace('==', '-')}`;
  const python = join(venv, 'bin', 'python');
  if (existsSync(join(venv, marker))) return python;
  // Made apart and moved when it is whole: test files run side by side, and a run may be broken off.
  const made = `${venv}-${process.pid}`;
  await mkdir(join(PROJECT_ROOT, '.tools'), { recursive: true });
  try {
    await run(tool('python3'), ['-m', 'venv', made]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', pinned];
    await run(join(made, 'bin', 'python'), install);
    await writeFile(join(made, marker), '');
    if (!existsSync(join(venv, marker))) {
      await rm(venv, { recursive: true, force: true });
      await rename(made, venv);
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return python;
}
