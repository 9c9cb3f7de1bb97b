import { describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../../../lib/cli/commands.ts';
import { parseFlags, readCommonOptions, splitCommand } from '../../../lib/cli/parse-arguments.ts';

const create = COMMANDS.find(({ name }) => name === 'create')!;
const parse = (...argv: string[]) => parseFlags(argv, 'create', create.flags);

describe('splitCommand', () => {
  it('finds the command behind the flags that every command has', () => {
    expect(splitCommand(['-v', '--timeout', '5s', 'create', 'a', '--json'])).toEqual({
      command: 'create',
      rest: ['-v', '--timeout', '5s', 'a', '--json'],
    });
    expect(splitCommand(['--json'])).toEqual({ rest: ['--json'] });
  });
});

describe('parseFlags', () => {
  it('takes lists with commas and repeated flags, and never the next operand', () => {
    const { operands, flags } = parse('a', '-t', 'x,y', '--tag=z', 'b', '--platform', 'linux/amd64', 'c');
    expect(operands).toEqual(['a', 'b', 'c']);
    expect(flags.values('tag')).toEqual(['x', 'y', 'z']);
    expect(flags.values('platform')).toEqual(['linux/amd64']);
    expect(flags.values('allow')).toEqual([]);
  });

  it('leaves commas in annotations alone', () => {
    expect(parse('--annotation', 'a=1,2', '--annotation', 'b=3').flags.values('annotation')).toEqual([
      'a=1,2',
      'b=3',
    ]);
  });

  it("takes docker's spellings", () => {
    const { flags, operands } = parse('--insecure', '--amend', 'a');
    expect(operands).toEqual(['a']);
    expect(flags.has('amend')).toBe(true);
    expect(readCommonOptions(flags).plainHttp).toBe(true);
  });

  it('takes everything behind -- as operands', () => {
    expect(parse('--', '--tag', '-x').operands).toEqual(['--tag', '-x']);
  });
});
