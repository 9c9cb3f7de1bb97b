import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { cliPage } from '../../../lib/cli/cli-page.ts';

it('is what docs/cli.md says; if not: node lib/cli/write-cli-page.ts', () => {
  expect(readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')).toBe(cliPage());
});
