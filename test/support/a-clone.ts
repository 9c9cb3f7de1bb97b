import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './find-tool.ts';

const PARTS = [
  'bin',
  'lib',
  'functions',
  'infra',
  'docs',
  'package.json',
  'cdk.json',
  'tsconfig.json',
  'schema.json',
];

/**
 * The project as a clone has it after `npm ci`, in a folder of its own, so that commands which write into the clone
 * (cdk.out, dist, archweave.yaml) touch nothing here. It shares this one's node_modules.
 */
export function aClone(folder: string): string {
  const clone = join(folder, 'archweave');
  mkdirSync(clone, { recursive: true });
  for (const part of PARTS) cpSync(join(PROJECT_ROOT, part), join(clone, part), { recursive: true });
  symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(clone, 'node_modules'));
  return clone;
}
