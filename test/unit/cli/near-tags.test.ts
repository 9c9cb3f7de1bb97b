import { describe, expect, it } from '@jest/globals';
import { nearTags, separatorWanted } from '../../../lib/cli/near-tags.ts';
import { builtInRule } from '../../../lib/rules/built-in.ts';

const lookedFor = ['1.5-arm64', '1.5-aarch64', '1.5-arm64v8'];
const wanted = {
  rule: builtInRule('127.0.0.1:5100'),
  captures: { version: '1.5' },
  platform: { os: 'linux', architecture: 'arm64' },
  lookedFor,
};

describe('nearTags', () => {
  it.each(['1.5_arm64', '1.5-ARM_64', 'arm64-1.5', 'aarch64_1.5'])('takes %s for a near miss', tag => {
    expect(nearTags(wanted, [tag, 'latest'])).toEqual([tag]);
  });

  it.each(['1.4-arm64', '1-5-arm64', '1.5-amd64', '1.5', 'nightly', '1.5-alpine', 'arm64-1.6', '1.5-s390x'])(
    'leaves %s alone',
    tag => expect(nearTags(wanted, [tag, '1.5-amd64'])).toEqual([]),
  );
});

describe('separatorWanted', () => {
  it('names the separator that the rule has in the place of another', () => {
    expect(separatorWanted('1.5_arm64', lookedFor)).toBe('-');
    expect(separatorWanted('1-5-arm64', lookedFor)).toBe('.');
    expect(separatorWanted('arm64-1.5', lookedFor)).toBeUndefined();
  });
});
