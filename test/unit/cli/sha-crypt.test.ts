import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readUsers } from '../../../lib/cli/read-users.ts';
import { isShaCrypt, matchesShaCrypt } from '../../../lib/cli/sha-crypt.ts';

// Made by `openssl passwd`; the second one is also in https://www.akkadia.org/drepper/SHA-crypt.txt.
const VECTORS: readonly (readonly [string, string])[] = [
  [
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'Hello world!',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  ['Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  ['Hello world!', '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'],
];

describe('SHA crypt', () => {
  it.each(VECTORS)('knows the password %s of %s, and no other', (password, stored) => {
    expect(isShaCrypt(stored)).toBe(true);
    expect(matchesShaCrypt(password, stored)).toBe(true);
    expect(matchesShaCrypt(`${password} `, stored)).toBe(false);
    expect(matchesShaCrypt('', stored)).toBe(false);
  });

  it.each([
    ['$2y$05$abcdefghijklmnopqrstuv'],
    ['$apr1$salt$0123456789012345678901'],
    ['plain'],
    [''],
    [VECTORS[1]![1].replace('10000', '999999999')],
  ])('takes %s for none', stored => expect(isShaCrypt(stored)).toBe(false));
});

describe('readUsers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archweave-users-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    const path = join(folder, 'users');
    writeFileSync(path, text);
    return path;
  };

  it('lets in who has the password, again and again, and nobody else', () => {
    const isUser = readUsers(file(`# who\nann:${VECTORS[2]![1]}\n\n`));
    expect([isUser('ann', 'Hello world!'), isUser('ann', 'Hello world!')]).toEqual([true, true]);
    expect([isUser('ann', 'hello'), isUser('bob', 'Hello world!')]).toEqual([false, false]);
  });

  it('refuses a file that it cannot check passwords with, and names the line, not the hash', () => {
    const read = () => readUsers(file(`ann:${VECTORS[2]![1]}\nbob:$2y$05$secretsecretsecret\n`));
    expect(read).toThrow(/^line 2 of .*users is not NAME:HASH/);
    expect(read).not.toThrow(/secret/);
    expect(() => readUsers(file('\n'))).toThrow(/names nobody/);
    expect(() => readUsers(join(folder, 'none'))).toThrow(/cannot be read/);
  });
});
