import { describe, expect, it } from '@jest/globals';
import { digest, image } from './a-question.ts';
import { AMD64, ARM64, LATE, member, of, without } from './a-verdict.ts';

describe('the members of a group', () => {
  it('are told with their build and time, under each tag that is there', () => {
    const again = { ...member('b', AMD64), tag: '1-x86_64' };
    const first = member('a', AMD64, { pushedAt: LATE, revision: 'x' });
    expect(
      of({ members: [first, again, without(AMD64, { kind: 'absent' }, 'x64')] }).members.slice(0, 2),
    ).toEqual([
      {
        ...{ tag: '1-amd64', platform: 'linux/amd64', required: true, present: true, digest: digest('a') },
        ...{ pushedAt: LATE, build: 'x' },
      },
      { tag: '1-x86_64', platform: 'linux/amd64', required: true, present: true, digest: digest('b') },
    ]);
  });

  it('are there although they cannot be read, or hold nothing', () => {
    const row = { tag: '1-amd64', platform: 'linux/amd64', required: true, present: true };
    expect(of({ members: [without(AMD64, { kind: 'unreadable', why: 'x' })] }).members[0]).toEqual(row);
    const empty = without(AMD64, { kind: 'present', digest: digest('a'), images: [] });
    expect(of({ members: [empty] }).members[0]).toEqual(row);
  });

  it('are told for what they are where that is not what their tag says', () => {
    const wrong = { ...member('a', ARM64), tag: '1-amd64', platforms: [AMD64] };
    const { platform, is } = of({ members: [wrong] }).members[0]!;
    expect({ platform, is }).toEqual({ platform: 'linux/amd64', is: 'linux/arm64' });
    expect(of().members[0]).not.toHaveProperty('is');
  });

  it('are told as exactly as their image says it', () => {
    const variant = { ...ARM64, variant: 'v8' };
    const { descriptor, ...rest } = image('a', 'arm64');
    const images = [{ ...rest, descriptor: { ...descriptor, platform: variant } }];
    const exact = without(ARM64, { kind: 'present', digest: digest('a'), images });
    expect(of({ members: [exact] }).members[1]).toMatchObject({ platform: 'linux/arm64/v8' });
  });

  it('of several images show the one that fits', () => {
    const both = [image('c', 'arm64'), image('a', 'amd64')];
    const index = without(AMD64, { kind: 'present', digest: digest('f'), images: both });
    expect(of({ members: [index] }).members[0]).toMatchObject({ digest: digest('a') });
  });

  it('are told with all tags that were looked for, and with none where there is none', () => {
    const looked = [without(AMD64), without(AMD64, { kind: 'absent' }, 'x86_64')];
    expect(of({ members: looked }).members.slice(0, 2)).toMatchObject([
      { tag: '1-amd64', lookedFor: ['1-amd64', '1-x86_64'] },
      { tag: '', lookedFor: [] },
    ]);
  });
});
