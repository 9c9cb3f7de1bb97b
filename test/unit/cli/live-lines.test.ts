import { describe, expect, it } from '@jest/globals';
import { openTerminal } from '../../../lib/cli/terminal.ts';

/** A terminal of so many columns that understands what is written to it, and what it shows. */
function screen(columns = 40) {
  let lines: string[] = [''];
  const stream = {
    isTTY: true,
    columns,
    write(chunk: string | Uint8Array) {
      for (const part of String(chunk).split(/(\x1b\[\d*[AJ]|\r|\n)/)) {
        const up = /^\x1b\[(\d+)A$/.exec(part);
        if (up) lines = lines.slice(0, lines.length - Number(up[1]));
        else if (part === '\n') lines.push('');
        else if (part === '\r' || part === '\x1b[J') lines[lines.length - 1] = '';
        else lines[lines.length - 1] += part;
      }
      return true;
    },
  };
  return { stream, shown: () => lines };
}

const open = (stream: object, more: object = {}) =>
  openTerminal({
    stdout: { write: () => {} },
    stderr: stream as never,
    env: {},
    quiet: false,
    color: 'auto',
    ...more,
  });

describe('lines that change in place', () => {
  it('take the place of those before, and let what is said go above them', () => {
    const { stream, shown } = screen();
    const terminal = open(stream);
    terminal.live(['one', 'two']);
    terminal.live(['three']);
    terminal.say('a word');
    expect(shown()).toEqual(['a word', 'three', '']);
    terminal.live([]);
    terminal.say('the end');
    expect(shown()).toEqual(['a word', 'the end', '']);
  });

  it('stay where they are kept', () => {
    const { stream, shown } = screen();
    const terminal = open(stream);
    terminal.live(['done']);
    terminal.keep();
    terminal.note('after');
    expect(shown()).toEqual(['done', 'after', '']);
  });

  it('are cut before they wrap', () => {
    const { stream, shown } = screen(10);
    open(stream).live(['0123456789abc']);
    expect(shown()).toEqual(['012345678', '']);
  });

  it.each([
    ['no terminal', { isTTY: false }, {}],
    ['CI', {}, { env: { CI: '1' } }],
    ['a dumb terminal', {}, { env: { TERM: 'dumb' } }],
    ['--quiet', {}, { quiet: true }],
  ])('are not there for %s', (_, stream, more) => {
    const written: unknown[] = [];
    const terminal = open({ isTTY: true, write: (chunk: unknown) => written.push(chunk), ...stream }, more);
    terminal.live(['one']);
    expect(terminal.animated).toBe(false);
    expect(written).toEqual([]);
  });
});
