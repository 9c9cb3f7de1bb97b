import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestOf, isDigest, matchesDigest, parseDigest, shortDigest } from '../../../lib/image/digest.ts';

const EMPTY_OBJECT = new TextEncoder().encode('{}');
const KNOWN = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

describe('digest', () => {
  it('is the one that the OCI specification gives for {}', () => {
    expect(digestOf(EMPTY_OBJECT)).toBe(KNOWN);
    expect(shortDigest(KNOWN)).toBe('sha256:44136fa355b3');
  });

  it('matches the bytes that it was made of, and no others', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.uint8Array(),
        fc.constantFrom('sha256' as const, 'sha512' as const),
        (a, b, algorithm) => {
          const digest = digestOf(a, algorithm);
          expect(parseDigest(digest)?.algorithm).toBe(algorithm);
          expect(matchesDigest(a, digest)).toBe(true);
          expect(matchesDigest(b, digest)).toBe(Buffer.compare(a, b) === 0);
        },
      ),
    );
  });

  it.each([
    '',
    'sha256',
    'sha256:',
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'a'.repeat(65)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'g'.repeat(64)}`,
    `sha256:g${'a'.repeat(63)}`,
    `sha512:${'a'.repeat(64)}`,
    `SHA256:${'a'.repeat(64)}`,
    `md5:${'a'.repeat(32)}`,
    `sha256:${'a'.repeat(63)}\n`,
    `${'a'.repeat(64)}`,
    `toString:${'a'.repeat(64)}`,
  ])('is not %j, which therefore matches nothing', text => {
    expect(isDigest(text)).toBe(false);
    expect(matchesDigest(EMPTY_OBJECT, text)).toBe(false);
  });
});
