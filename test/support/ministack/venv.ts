import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT, tool } from '../find-tool.ts';

const VERSION = '1.5.33';
const VENV = join(PROJECT_ROOT, '.tools', 'venv');
const MARKER = `has-ministack-${VERSION}`;

const run = promisify(execFile);

/** The Python that has ministack. Makes `.tools/venv` the first time, which takes some 20 seconds and a network. */
export async function pythonWithMinistack(): Promise<string> {
  const python = join(VENV, 'bin', 'python');
  if (existsSync(join(VENV, MARKER))) return python;
  // Made apart and moved when it is whole: test files run side by side, and a run may be broken off.
  const made = `${VENV}-${process.pid}`;
  await mkdir(join(PROJECT_ROOT, '.tools'), { recursive: true });
  try {
    await run(tool('python3'), ['-m', 'venv', made]);
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      `ministack==${VERSION}`,
    ];
    await run(join(made, 'bin', 'python'), install);
    await writeFile(join(made, MARKER), '');
    if (!existsSync(join(VENV, MARKER))) {
      await rm(VENV, { recursive: true, force: true });
      await rename(made, VENV);
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return python;
}
