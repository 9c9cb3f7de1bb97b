import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findConfig, findConfigIfAny } from '../../../lib/cli/find-config.ts';
import { includeReader } from '../../../lib/files/included-files.ts';

let root: string;
const at = (...names: string[]) => join(root, ...names);
const write = (name: string, text = 'indexes: []\n') => writeFileSync(at(name), text);

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'archweave-find-')));
  mkdirSync(at('shop', '.git'), { recursive: true });
  mkdirSync(at('shop', 'api', 'src'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

describe('findConfig', () => {
  it('finds the file here', () => {
    write('shop/archweave.yaml', '# here');
    expect(findConfig(at('shop'), { env: {} })).toEqual({
      path: at('shop', 'archweave.yaml'),
      file: 'archweave.yaml',
      text: '# here',
    });
  });

  it('finds the file in a parent, the nearest first', () => {
    write('shop/archweave.yaml');
    expect(findConfig(at('shop', 'api', 'src'), { env: {} }).file).toBe('../../archweave.yaml');
    write('shop/api/archweave.yaml');
    expect(findConfig(at('shop', 'api', 'src'), { env: {} }).file).toBe('../archweave.yaml');
  });

  it('goes no further than the checkout, and says how far it went', () => {
    write('archweave.yaml');
    expect(() => findConfig(at('shop', 'api'), { env: {} })).toThrow(
      expect.objectContaining({
        code: 'no-config',
        message: `there is no archweave.yaml here or above, up to ${at('shop')}`,
        next: 'write one: docs/first-index.md has the smallest, docs/configuration.md every key',
      }),
    );
  });

  it('looks only here outside of a checkout', () => {
    mkdirSync(at('plain', 'deep'), { recursive: true });
    write('plain/archweave.yaml');
    expect(() => findConfig(at('plain', 'deep'), { env: {} })).toThrow(`up to ${at('plain', 'deep')}`);
  });

  it('takes the file that is named, by flag before by environment', () => {
    write('shop/a.yaml', 'a');
    write('shop/b.yaml', 'b');
    const env = { ARCHWEAVE_CONFIG: 'b.yaml' };
    expect(findConfig(at('shop'), { env }).text).toBe('b');
    expect(findConfig(at('shop'), { config: 'a.yaml', env })).toMatchObject({ file: 'a.yaml', text: 'a' });
    expect(findConfig(at('shop'), { config: at('shop', 'a.yaml'), env }).file).toBe('a.yaml');
    expect(findConfig(at('shop', 'api'), { config: at('shop', 'a.yaml'), env }).file).toBe(
      at('shop', 'a.yaml'),
    );
  });

  it('says what is wrong with a file that is named', () => {
    expect(() => findConfig(root, { config: 'x.yaml', env: {} })).toThrow(
      'cannot read x.yaml: there is no such file',
    );
    expect(() => findConfig(root, { config: 'shop', env: {} })).toThrow('cannot read shop: it is a folder');
  });
});

describe('findConfigIfAny', () => {
  it('finds nothing where there is none, but misses none that is named', () => {
    expect(findConfigIfAny(at('shop'), { env: {} })).toBeUndefined();
    expect(() => findConfigIfAny(at('shop'), { env: { ARCHWEAVE_CONFIG: 'x.yaml' } })).toThrow('x.yaml');
    write('shop/archweave.yaml');
    expect(findConfigIfAny(at('shop'), { env: {} })?.file).toBe('archweave.yaml');
  });
});

describe('includeReader', () => {
  it('reads the files that a pattern means, beside the configuration and sorted', () => {
    mkdirSync(at('shop', 'teams'));
    write('shop/teams/b.yaml', 'b');
    write('shop/teams/a.yaml', 'a');
    write('shop/archweave.yaml');
    const read = includeReader(at('shop', 'archweave.yaml'), at('shop', 'api'));
    expect(read('teams/*.yaml')).toEqual([
      { file: '../teams/a.yaml', text: 'a' },
      { file: '../teams/b.yaml', text: 'b' },
    ]);
    expect(read('*.yaml')).toEqual([]);
    expect(read('none/*.yaml')).toEqual([]);
  });
});
