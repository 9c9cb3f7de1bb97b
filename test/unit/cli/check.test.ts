import { describe, expect, it } from '@jest/globals';
import { runCheck } from '../../../lib/cli/check.ts';
import { loadConfig } from '../../../lib/rules/load.ts';

const RULE = 'indexes:\n  - repositories: [r.example/*]\n    platforms: [linux/amd64]\n';
const check = (text: string, annotate = false) =>
  runCheck(loadConfig(text, { file: 'a.yaml' }), { file: 'a.yaml', annotate });

describe('runCheck', () => {
  it('answers 0 for a file without mistakes', async () => {
    expect(await check(RULE)).toEqual({
      exit: 0,
      text: 'a.yaml: 1 registry, 1 index rule. No mistakes.\n',
      document: { file: 'a.yaml', findings: [], online: [] },
    });
  });

  it('answers 2 for a mistake and 0 for a warning', async () => {
    expect((await check(`${RULE}    grace: 1\n`)).exit).toBe(2);
    expect((await check(`${RULE}    exclude: [1.10]\n`)).exit).toBe(0);
  });

  it('has each finding in the document', async () => {
    expect((await check(`${RULE}    grace: 1\n`)).document).toEqual({
      file: 'a.yaml',
      findings: [
        {
          severity: 'error',
          code: 'duration',
          file: 'a.yaml',
          line: 4,
          column: 12,
          endColumn: 13,
          message: '"1" is no duration',
          next: '1m   (s, m, h or d)',
        },
      ],
      online: [],
    });
  });

  it('adds a line for GitHub for each finding, and counts last', async () => {
    const { text } = await check(`${RULE}    grace: 1\n    exclude: [1.10]\n`, true);
    const lines = String(text).trimEnd().split('\n');
    expect(lines.filter(line => line.startsWith('::'))).toEqual([
      '::error file=a.yaml,line=4,col=12::"1" is no duration  [duration]%0Anext: 1m   (s, m, h or d)',
      '::warning file=a.yaml,line=5,col=15::1.10 is read as the number 1.1; put it in quotes  [yaml-number]%0Anext: "1.10"',
    ]);
    expect(lines.at(-1)).toBe('1 mistake, 1 warning in a.yaml. Nothing was contacted.');
  });
});
