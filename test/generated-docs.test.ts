import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from '@jest/globals';
import { generatedFiles } from '../docs/generated.ts';

it.each(generatedFiles().map(({ file, text }) => [basename(file.pathname), { file, text }] as const))(
  '%s is as the code has it; if not: npm run docs',
  (_, { file, text }) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);
