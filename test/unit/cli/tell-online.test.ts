import { describe, expect, it } from '@jest/globals';
import { onlineDocument, onlineLines } from '../../../lib/cli/tell-online.ts';

const CHECKED = [
  {
    name: 'prod',
    host: '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    results: [
      { check: 'credentials', verdict: 'ok', message: 'AWS profile "ci"' },
      {
        check: 'read',
        verdict: 'warn',
        message: 'a.yaml:5: x/taem/* matches no repository  [matches-nothing]',
      },
      { check: 'write', verdict: 'skip', message: 'not tried' },
    ],
  },
  {
    name: 'contoso',
    host: 'contoso.azurecr.io',
    results: [{ check: 'credentials', verdict: 'WRONG', message: 'expired\u202e', next: 'az login' }],
  },
] as const;

describe('what check --online found', () => {
  it('is a line a check, what to do below it, and a count without the warnings', () => {
    expect(onlineLines(CHECKED, text => text)).toEqual([
      'prod     123456789012.dkr.ecr.eu-west-1.amazonaws.com',
      '  ok     credentials  AWS profile "ci"',
      '  warn   read         a.yaml:5: x/taem/* matches no repository  [matches-nothing]',
      '  skip   write        not tried',
      'contoso  contoso.azurecr.io',
      '  WRONG  credentials  expired\\u{202e}',
      '         next         az login',
      '1 of 3 checks wrong.',
    ]);
    expect(onlineLines([CHECKED[0]], text => text).at(-1)).toBe('2 checks, nothing wrong; 1 not tried.');
  });

  it('is told to programs with null for what was not tried', () => {
    expect(
      onlineDocument(CHECKED).map(({ registry, check, ok, next }) => [registry, check, ok, next]),
    ).toEqual([
      ['prod', 'credentials', true, null],
      ['prod', 'read', null, null],
      ['prod', 'write', null, null],
      ['contoso', 'credentials', false, 'az login'],
    ]);
  });
});
