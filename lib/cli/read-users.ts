import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ArchweaveError } from '../errors.ts';
import { isShaCrypt, matchesShaCrypt } from './sha-crypt.ts';

/**
 * The users of an htpasswd file: whether a name has that password. Entries are SHA-512 or SHA-256 crypt, as
 * `htpasswd -5` and `openssl passwd -6` make them; weaker or other ones are refused with the line they stand in.
 * A wrong name takes as long as a wrong password; a right one is remembered, since a client proves itself anew with
 * each of its requests and checking is made to be slow.
 */
export function readUsers(path: string): (name: string, password: string) => boolean {
  const users = parseUsers(readText(path), path);
  const [anybody = ''] = users.values();
  const key = randomBytes(32);
  const proven = new Map<string, string>();
  return (name, password) => {
    const proof = createHmac('sha256', key).update(password).digest('hex');
    if (proven.get(name) === proof) return true;
    const stored = users.get(name);
    const matches = matchesShaCrypt(password, stored ?? anybody) && stored !== undefined;
    if (matches) proven.set(name, proof);
    return matches;
  };
}

function parseUsers(text: string, path: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [at, line] of text.split('\n').entries()) {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) continue;
    const colon = entry.indexOf(':');
    const stored = entry.slice(colon + 1);
    if (colon < 1 || !isShaCrypt(stored)) {
      const next = 'htpasswd -5 FILE NAME, or: echo "NAME:$(openssl passwd -6)" >> FILE';
      throw refuse(`line ${at + 1} of ${path} is not NAME:HASH with SHA-512 or SHA-256 crypt.`, next);
    }
    users.set(entry.slice(0, colon), stored);
  }
  if (users.size === 0) throw refuse(`${path} names nobody.`);
  return users;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw refuse(`--users ${path} cannot be read.`, undefined, cause);
  }
}

function refuse(reason: string, next?: string, cause?: unknown): ArchweaveError {
  return new ArchweaveError({
    code: 'bad-argument',
    attempt: '',
    reason,
    cause,
    ...(next === undefined ? {} : { next }),
  });
}
