import { describe, expect, it } from '@jest/globals';
import type { ListedTag } from '../../../lib/cli/list-tags.ts';
import { belongings } from '../../../lib/cli/tag-belonging.ts';
import { builtInRule } from '../../../lib/rules/built-in.ts';
import { parseTemplate } from '../../../lib/rules/parse-template.ts';
import type { Rule } from '../../../lib/rules/rule.ts';

const listed = (tag: string): ListedTag => ({
  tag,
  kind: 'image',
  digest: `sha256:${'0'.repeat(64)}`,
  mediaType: null,
  platforms: [],
});

function shown(tags: readonly string[], rule: Rule = builtInRule('h'), all = tags): readonly string[] {
  return belongings([rule], tags.map(listed), all).map(({ tag, belongsTo }) => `${tag.tag}: ${belongsTo}`);
}

describe('belongings', () => {
  it('puts groups in natural order, each target before its members', () => {
    expect(shown(['1.10-amd64', '1.9-arm64', '1.10', '1.9', 'old', '1.9-amd64'])).toEqual([
      '1.9: (target)',
      '1.9-amd64: 1.9',
      '1.9-arm64: 1.9',
      '1.10: (target)',
      '1.10-amd64: 1.10',
      'old: -',
    ]);
  });

  it('says of a member that its index is not there yet', () => {
    expect(shown(['1.1-amd64'])).toEqual(['1.1-amd64: 1.1, waiting']);
  });

  it('puts a target first where its members do not begin like it', () => {
    const rule = { ...builtInRule('h'), members: parseTemplate('{arch}-{version}') };
    expect(shown(['amd64-1.0', '1.0', 'arm64-1.0'], rule)).toEqual([
      '1.0: (target)',
      'amd64-1.0: 1.0',
      'arm64-1.0: 1.0',
    ]);
  });

  it('counts tags that are not shown, too', () => {
    expect(shown(['1.0'], undefined, ['1.0', '1.0-amd64'])).toEqual(['1.0: (target)']);
    expect(shown(['1.0'], undefined, ['1.0'])).toEqual(['1.0: -']);
  });
});
