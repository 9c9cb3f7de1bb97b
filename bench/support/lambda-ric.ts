import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../test/support/find-tool.ts';

const VERSION = '4.0.2';
const FOLDER = join(PROJECT_ROOT, '.tools', `ric-${VERSION}`);
const ENTRY = join('node_modules', 'aws-lambda-ric', 'index.mjs');
/** What its native part is built with. */
const BUILDERS = ['cmake', 'g++', 'make', 'autoconf', 'automake', 'libtoolize'];

const run = promisify(execFile);

/**
 * The path of Lambda's own runtime client. Builds it into `.tools` the first time, which takes a minute and more, so
 * that whoever runs no benchmark does not pay for it with every `npm ci`.
 */
export async function lambdaRuntimeClient(): Promise<string> {
  const path = join(FOLDER, ENTRY);
  if (existsSync(path)) return path;
  const missing = BUILDERS.filter(name => !isInstalled(name));
  if (missing.length > 0) {
    const packages = missing.map(name => (name === 'libtoolize' ? 'libtool' : name)).join(' ');
    throw new Error(`aws-lambda-ric is built with ${missing.join(', ')}: apt-get install ${packages}`);
  }
  console.log(`building aws-lambda-ric ${VERSION} into ${FOLDER}, once ...`);
  const made = `${FOLDER}-${process.pid}`;
  await mkdir(made, { recursive: true });
  try {
    await writeFile(join(made, 'package.json'), '{ "private": true }\n');
    const node24First = [join(PROJECT_ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
    const options = { cwd: made, env: { ...process.env, PATH: node24First }, maxBuffer: 1 << 26 };
    await run('npm', ['install', '--no-audit', '--no-fund', `aws-lambda-ric@${VERSION}`], options);
    await rename(made, FOLDER);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return path;
}

function isInstalled(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, name)));
}
