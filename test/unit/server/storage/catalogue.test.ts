import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Catalogue } from '../../../../lib/server/storage/catalogue.ts';
import { temporaryFolder } from '../../../support/e2e-run.ts';

describe('the catalogue', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let catalogue: Catalogue;
  beforeEach(() => {
    folder = temporaryFolder('catalogue');
    catalogue = new Catalogue(join(folder.path, 'registry.sqlite'));
  });
  afterEach(() => {
    catalogue.close();
    folder.remove();
  });

  const names = () => catalogue.all<{ name: string }>('SELECT name FROM repositories').map(row => row.name);

  it('gives a repository one number for good', () => {
    const first = catalogue.repository('a');
    expect(catalogue.repository('b')).not.toBe(first);
    expect(catalogue.repository('a')).toBe(first);
  });

  it('takes a transaction back as a whole where its work throws', () => {
    const work = () => {
      catalogue.repository('a');
      throw new Error('no');
    };
    expect(() => catalogue.together(work)).toThrow('no');
    expect(names()).toEqual([]);
    expect(catalogue.together(() => catalogue.repository('b'))).toBe(1);
  });

  it('says disk-full where there is no room, keeps what it has and goes on when there is', () => {
    catalogue.repository('before');
    const { page_count: pages } = catalogue.get<{ page_count: number }>('PRAGMA page_count')!;
    catalogue.get(`PRAGMA max_page_count = ${pages}`);
    const fill = () => {
      for (let at = 0; at < 1000; at++) catalogue.repository(`${'x'.repeat(200)}${at}`);
    };
    expect(() => catalogue.together(fill)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(names()).toEqual(['before']);
    catalogue.get('PRAGMA max_page_count = 1000000');
    catalogue.together(fill);
    expect(names()).toHaveLength(1001);
  });

  it('says registry-failed once it is closed', () => {
    catalogue.close();
    expect(names).toThrow(expect.objectContaining({ code: 'registry-failed' }));
  });

  it('refuses a file that a newer archweave wrote', () => {
    catalogue.get('PRAGMA user_version = 1000');
    catalogue.close();
    expect(() => new Catalogue(join(folder.path, 'registry.sqlite'))).toThrow('a newer archweave wrote it');
  });
});
