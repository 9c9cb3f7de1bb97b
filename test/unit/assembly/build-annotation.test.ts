import { describe, expect, it } from '@jest/globals';
import { formatBuild, parseBuild } from '../../../lib/assembly/build-annotation.ts';

describe('formatBuild', () => {
  it('is the same whatever order captures come in', () => {
    expect(formatBuild({ captures: { run: '7', commit: 'c', attempt: '1' } })).toBe(
      '{"captures":{"attempt":"1","commit":"c","run":"7"}}',
    );
    expect(formatBuild({ captures: { a: '1', b: '2', c: '3' } })).toBe(
      '{"captures":{"a":"1","b":"2","c":"3"}}',
    );
  });

  it('tells what orders builds where there is something', () => {
    expect(formatBuild({ captures: {}, newest: '7' })).toBe('{"captures":{},"newest":"7"}');
  });
});

describe('parseBuild', () => {
  it.each([{ captures: {} }, { captures: { run: '7' } }, { captures: { run: '7' }, newest: '' }])(
    'reads back %j',
    build => {
      expect(parseBuild(formatBuild(build))).toEqual(build);
      expect(parseBuild(formatBuild(build))).not.toHaveProperty('newest', undefined);
    },
  );

  it.each([
    ...['', '{', 'null', '7', '"x"', '[]', '{}', '{"captures":null}', '{"captures":[]}', '{"captures":"x"}'],
    ...['[{"captures":{}}]', '{"captures":{"run":7}}', '{"captures":{"a":"1","run":7}}'],
    ...['{"captures":{},"newest":7}', '{"captures":{},"newest":null}'],
  ])('takes %s for somebody else’s', text => {
    expect(parseBuild(text)).toBeUndefined();
  });
});
