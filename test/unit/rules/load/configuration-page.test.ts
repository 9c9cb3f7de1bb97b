import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configJsonSchema } from '../../../../lib/rules/load/schema.ts';
import { loadConfig } from '../../../../lib/rules/load.ts';
import { keyTables } from '../../../support/key-tables.ts';

const ROOT = new URL('../../../../', import.meta.url);
const PAGE = new URL('docs/configuration.md', ROOT);
const BETWEEN = /(<!-- keys: [^\n]*-->\n)[\s\S]*(<!-- \/keys -->)/;

describe('schema.json', () => {
  it('is the schema that check prints', () => {
    const file = new URL('schema.json', ROOT);
    if (process.env.UPDATE_DOCS) writeFileSync(file, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
    else
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });
});

describe('docs/configuration.md', () => {
  it('has every key as the schema has it', () => {
    const page = readFileSync(PAGE, 'utf8');
    const right = page.replace(
      BETWEEN,
      (_, before, after) => `${before}\n${keyTables(configJsonSchema())}\n${after}`,
    );
    if (process.env.UPDATE_DOCS) writeFileSync(PAGE, right);
    else expect(page).toBe(right);
  });

  it('explains each code that check can say, and no other', () => {
    const page = readFileSync(PAGE, 'utf8');
    const folder = new URL('lib/rules/load/', ROOT);
    const source = readdirSync(folder).map(name => readFileSync(new URL(name, folder), 'utf8'));
    const said = [...source.join('\n').matchAll(/code: '([a-z-]+)'/g)].map(found => found[1]!);
    const explained = [
      ...page.slice(page.indexOf('## What check says')).matchAll(/^\| `([a-z-]+)` \|/gm),
    ].map(found => found[1]!);
    expect([...new Set(said)].filter(code => code !== 'custom').sort()).toEqual(explained);
  });

  it('links to every example and to nothing that is not there', () => {
    const page = readFileSync(PAGE, 'utf8');
    const linked = [...page.matchAll(/\(\.\.\/examples\/([a-z-]+\.yaml)\)/g)].map(found => found[1]!);
    expect(linked.sort()).toEqual(readdirSync(new URL('examples/', ROOT)).sort());
  });

  it('shows a smallest file that has no mistakes', () => {
    const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(PAGE, 'utf8'))!;
    expect(loadConfig(yaml!, { file: 'archweave.yaml' }).findings).toEqual([]);
  });
});
