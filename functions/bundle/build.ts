import { join, relative } from 'node:path';
import { bundleFunctions } from './bundle-functions.ts';

const out = join(import.meta.dirname, '..', '..', 'dist', 'functions');
const { outputs } = await bundleFunctions(out);
for (const [file, { bytes }] of Object.entries(outputs)) {
  if (file.endsWith('.mjs')) console.log(`${relative('', file)}  ${Math.ceil(bytes / 1024)} KB`);
}
