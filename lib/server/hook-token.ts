import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchweaveError } from '../errors.ts';

/** 256 bits, so that nobody guesses it; no character that a header, a shell or YAML would mind. */
const SHAPE = /^[A-Za-z0-9_-]{43,}$/;

/**
 * The token that registries send with their events, from STORAGE/hook-token; made at the first start, readable by
 * its owner only. Two processes that start at once agree on one.
 *
 * Throws `malformed` where the file holds something else: an empty token would let everybody in.
 */
export async function hookToken(storageDir: string): Promise<string> {
  const path = join(storageDir, 'hook-token');
  const known = await readToken(path);
  if (known !== undefined) return known;
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // A link appears whole or not at all, and never over another one.
    await link(draft, path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readToken(path)) ?? unusable(path);
}

/** Whether the header carries the token; takes as long for a wrong one whatever is wrong with it. */
export function carriesToken(header: string | undefined, token: string): boolean {
  const sent = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(sha256(sent), sha256(token)) && sent !== '';
}

async function readToken(path: string): Promise<string | undefined> {
  try {
    const token = (await readFile(path, 'utf8')).trim();
    await chmod(path, 0o600).catch(() => {}); // a mounted secret may be read-only, and is somebody else's to guard
    return SHAPE.test(token) ? token : unusable(path);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

function unusable(path: string): never {
  throw new ArchweaveError({
    code: 'malformed',
    attempt: `read ${path}`,
    reason: 'it holds no token: 43 or more of A-Z a-z 0-9 _ -',
    next: `delete the file, a new one is made; then tell it to the registries`,
  });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
