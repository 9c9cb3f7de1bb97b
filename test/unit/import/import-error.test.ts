import { describe, expect, it } from '@jest/globals';
import { EXIT, exitCodeOf } from '../../../lib/cli/exit-codes.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import { heldError, refusalError } from '../../../lib/import/import-error.ts';

const names = { source: 'a.example/x:1', target: 'b.example/y:1' };
const digest = `sha256:${'a'.repeat(64)}` as Digest;
const amd64 = { os: 'linux', architecture: 'amd64' };

describe('why an image is not copied', () => {
  it.each([
    [
      { reason: 'no-such-platform', wanted: [{ os: 'linux', architecture: 's390x' }], there: [amd64] },
      'cannot copy a.example/x:1 for linux/s390x: it has linux/amd64',
      EXIT.failed,
    ],
    [
      { reason: 'incomplete-source', digest, why: 'it was deleted' },
      `cannot copy a.example/x:1: ${digest} of it is not there: it was deleted`,
      EXIT.failed,
    ],
    [
      { reason: 'too-many-blobs', count: 30_000, most: 20_000 },
      'cannot copy a.example/x:1: it has 30000 blobs, and more than 20000 are not copied',
      EXIT.failed,
    ],
    [{ reason: 'bad-split', why: 'two are one' }, 'a.example/x:1 cannot be split: two are one', EXIT.mistake],
  ] as const)('%j is a sentence', (refusal, message, exit) => {
    const error = refusalError(refusal, names);
    expect(error.message).toBe(message);
    expect(exitCodeOf(error)).toBe(exit);
  });

  it.each([
    [{ code: 'immutable-tag', tag: '1' }, 'the tag 1 is immutable and holds another image', EXIT.held],
    [
      { code: 'target-removed', tag: '1', held: digest },
      'somebody took 1 away while its image was copied',
      EXIT.failed,
    ],
    [
      { code: 'overwritten', tag: '1', holds: digest },
      `somebody else wrote 1 meanwhile; it holds ${digest}`,
      EXIT.failed,
    ],
    [
      { code: 'source-moving', moves: 4 },
      "the source's tag moved 4 times while its image was copied",
      EXIT.failed,
    ],
    [{ code: 'source-removed' }, 'the tag was taken away while its image was copied', EXIT.failed],
  ] as const)('%j is one too', (held, reason, exit) => {
    const error = heldError(held, names);
    expect(error.reason).toBe(reason);
    expect(exitCodeOf(error)).toBe(exit);
  });
});
