import { readFileSync } from 'node:fs';
import { cliPage } from '../lib/cli/cli-page.ts';
import { configJsonSchema } from '../lib/rules/load/schema.ts';
import { keyTables } from './key-tables.ts';

export interface GeneratedFile {
  readonly file: URL;
  readonly text: string;
}

/** What is made of the code and kept in the repository, as it has to be now. `npm run docs` writes it. */
export function generatedFiles(): readonly GeneratedFile[] {
  const schema = configJsonSchema();
  const page = new URL('configuration.md', import.meta.url);
  return [
    { file: new URL('cli.md', import.meta.url), text: cliPage() },
    { file: page, text: withTables(readFileSync(page, 'utf8'), keyTables(schema)) },
    { file: new URL('../schema.json', import.meta.url), text: `${JSON.stringify(schema, undefined, 2)}\n` },
  ];
}

function withTables(page: string, tables: string): string {
  const between = /(<!-- keys: [^\n]*-->\n)[\s\S]*(<!-- \/keys -->)/;
  if (!between.test(page)) throw new Error('docs/configuration.md has no place for the keys');
  return page.replace(between, (_, before, after) => `${before}\n${tables}\n${after}`);
}
