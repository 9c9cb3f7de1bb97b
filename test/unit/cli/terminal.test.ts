import { describe, expect, it } from '@jest/globals';
import { isColoured, openTerminal } from '../../../lib/cli/terminal.ts';

const stream = (isTTY: boolean) => ({ isTTY, write: () => {} });

describe('colour', () => {
  it.each([
    [true, {}, 'auto', true],
    [false, {}, 'auto', false],
    [true, { NO_COLOR: '1' }, 'auto', false],
    [true, { NO_COLOR: '' }, 'auto', true],
    [true, { TERM: 'dumb' }, 'auto', false],
    [false, { FORCE_COLOR: '1' }, 'auto', true],
    [true, { FORCE_COLOR: '0' }, 'auto', false],
    [false, { NO_COLOR: '1' }, 'always', true],
    [true, { FORCE_COLOR: '1' }, 'never', false],
  ] as const)('terminal %s, env %j, --color %s: %s', (tty, env, color, expected) => {
    expect(isColoured(stream(tty), env, color)).toBe(expected);
  });

  it('changes nothing but colour', () => {
    const open = (color: 'always' | 'never') =>
      openTerminal({ stdout: stream(true), stderr: stream(true), env: {}, quiet: false, color });
    expect(open('always').paint('held', 'red')).toBe('\x1b[31mheld\x1b[0m');
    expect(open('never').paint('held', 'red')).toBe('held');
  });
});

describe('stderr', () => {
  it('carries notes unless --quiet, and outcomes always', () => {
    const written: string[] = [];
    const stderr = { write: (chunk: string | Uint8Array) => written.push(String(chunk)) };
    const terminal = openTerminal({ stdout: stream(false), stderr, env: {}, quiet: true, color: 'auto' });
    terminal.note('a note');
    terminal.say('an outcome');
    expect(written).toEqual(['an outcome\n']);
  });
});
