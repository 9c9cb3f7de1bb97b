import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleFunctions } from '../functions/bundle/bundle-functions.ts';
import { buildCdk } from './build-cdk.ts';
import { buildCli } from './build-cli.ts';

/** `npm run build`: everything that the package carries instead of TypeScript. */
const dist = join(import.meta.dirname, '..', 'dist');
const { outputs } = await bundleFunctions(join(dist, 'functions'));
for (const [file, { bytes }] of Object.entries(outputs))
  if (file.endsWith('.mjs')) say(join(dist, 'functions', relative('dist/functions', file)), bytes);

for (const part of ['cdk', 'cli']) await rm(join(dist, part), { recursive: true, force: true });
say(...(await buildCdk(join(dist, 'cdk'))));
say(...(await buildCli(join(dist, 'cli'))));

function say(what: string, bytes: number): void {
  console.log(`${relative('', what)}  ${Math.ceil(bytes / 1024)} KB`);
}
