import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ArchweaveError } from '../lib/errors.ts';

/** Where the bundles are from what the package carries, and from here in the clone. */
const BUNDLES = join(import.meta.dirname, '..', 'functions');
const CLONE_BUNDLES = join(import.meta.dirname, '..', 'dist', 'functions');

/**
 * The code of one function: its bundle and the configuration, which so are deployed and rolled back together. The
 * same bundle and configuration make the same asset. `bundled` is the bundle's name where it has another one.
 */
export function handlerCode(scope: Construct, name: string, config: string, bundled = name): Code {
  const bundle = bundleOf(bundled);
  const content = readFileSync(bundle);
  const hash = createHash('sha256').update(content).update(config).digest('hex').slice(0, 16);
  const folder = join(Stage.of(scope)!.outdir, `archweave-${name}-${hash}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(bundle, join(folder, `${name}.mjs`));
  writeFileSync(join(folder, 'config.json'), config);
  return Code.fromAsset(folder);
}

function bundleOf(name: string): string {
  const file = [BUNDLES, CLONE_BUNDLES]
    .map(folder => join(folder, `${name}.mjs`))
    .find(path => existsSync(path));
  if (file !== undefined) return file;
  throw new ArchweaveError({
    code: 'bad-config',
    attempt: `deploy the function ${name}`,
    reason: 'it is not bundled',
    next: 'npm run build',
  });
}
