import { createHash } from 'node:crypto';

/** `ALGORITHM:HEX`, lower case; sha256 (64 hex) and sha512 (128 hex) are the two that archweave reads and writes. */
export type Digest = `${string}:${string}`;

export type DigestAlgorithm = 'sha256' | 'sha512';

const HEX_LENGTH: Record<DigestAlgorithm, number> = { sha256: 64, sha512: 128 };

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** The two parts of a digest that archweave can check, or undefined for anything else. */
export function parseDigest(text: string): { algorithm: DigestAlgorithm; hex: string } | undefined {
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, colon);
  const hex = text.slice(colon + 1);
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return undefined;
  if (hex.length !== HEX_LENGTH[algorithm] || !/^[0-9a-f]+$/.test(hex)) return undefined;
  return { algorithm, hex };
}

export function isDigest(text: string): text is Digest {
  return parseDigest(text) !== undefined;
}

/** Whether `bytes` are what `digest` says. A digest of an unknown algorithm matches nothing. */
export function matchesDigest(bytes: Uint8Array, digest: string): boolean {
  const parsed = parseDigest(digest);
  return parsed !== undefined && digestOf(bytes, parsed.algorithm) === digest;
}

/** `sha256:` and 12 hex digits, for overviews. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':');
  return digest.slice(0, colon + 13);
}
