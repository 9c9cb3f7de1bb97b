import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Unix crypt with SHA-512 ($6$) and SHA-256 ($5$), step by step as https://www.akkadia.org/drepper/SHA-crypt.txt
 * numbers them. Only checks passwords; `openssl passwd -6` and `htpasswd -5` make the hashes.
 */
const FORM = /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$:]{0,16})\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const DEFAULT_ROUNDS = 5_000;
const FEWEST_ROUNDS = 1_000;
/** More would let one entry of the file keep the server busy for seconds at each request. */
const MOST_ROUNDS = 1_000_000;

type Algorithm = 'sha512' | 'sha256';

export function isShaCrypt(stored: string): boolean {
  const match = FORM.exec(stored);
  return (
    match !== null &&
    Number(match[2] ?? 0) <= MOST_ROUNDS &&
    match[4]!.length === (match[1] === '6' ? 86 : 43)
  );
}

export function matchesShaCrypt(password: string, stored: string): boolean {
  const match = FORM.exec(stored);
  if (match === null) return false;
  const [, kind, rounds, salt = '', expected = ''] = match;
  const count = Math.max(FEWEST_ROUNDS, Number(rounds ?? DEFAULT_ROUNDS));
  const actual = Buffer.from(
    hash(Buffer.from(password), Buffer.from(salt), count, kind === '6' ? 'sha512' : 'sha256'),
  );
  const wanted = Buffer.from(expected);
  return actual.length === wanted.length && timingSafeEqual(actual, wanted);
}

function hash(password: Buffer, salt: Buffer, rounds: number, algorithm: Algorithm): string {
  const digest = (...parts: readonly Uint8Array[]): Buffer => {
    const sum = createHash(algorithm);
    for (const part of parts) sum.update(part);
    return sum.digest();
  };
  // 4 to 12
  const b = digest(password, salt, password);
  const bits: Buffer[] = [];
  for (let length = password.length; length > 0; length >>= 1) bits.push(length & 1 ? b : password);
  let a = digest(password, salt, repeat(b, password.length), ...bits);
  // 13 to 20
  const p = repeat(digest(...Array.from({ length: password.length }, () => password)), password.length);
  const s = repeat(digest(...Array.from({ length: 16 + a[0]! }, () => salt)), salt.length);
  // 21
  for (let round = 0; round < rounds; round++) {
    const parts = [round % 2 ? p : a];
    if (round % 3) parts.push(s);
    if (round % 7) parts.push(p);
    parts.push(round % 2 ? a : p);
    a = digest(...parts);
  }
  return encode(a);
}

function repeat(block: Buffer, length: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(length / block.length) }, () => block)).subarray(
    0,
    length,
  );
}

/** 22: three bytes a group, from thirds of the digest that change places from group to group. */
function encode(bytes: Buffer): string {
  const third = Math.floor(bytes.length / 3);
  let text = '';
  for (let at = 0; at < third; at++) {
    const thirds = [at, at + third, at + 2 * third];
    // SHA-512 turns its thirds one way from group to group, SHA-256 the other.
    const turn = bytes.length === 64 ? at % 3 : (3 - (at % 3)) % 3;
    const [x, y, z] = [0, 1, 2].map(place => bytes[thirds[(place + turn) % 3]!]!);
    text += letters((x! << 16) | (y! << 8) | z!, 4);
  }
  if (bytes.length === 64) return text + letters(bytes[63]!, 2);
  return text + letters((bytes[31]! << 8) | bytes[30]!, 3);
}

function letters(value: number, count: number): string {
  let text = '';
  for (let left = value, at = 0; at < count; at++, left >>= 6) text += ALPHABET[left & 0x3f];
  return text;
}
