import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../../lib/rules/load.ts';

const ROOT = new URL('../../../../', import.meta.url);
const PAGE = new URL('docs/configuration.md', ROOT);

describe('docs/configuration.md', () => {
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
