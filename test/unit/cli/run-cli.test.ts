import { describe, expect, it } from '@jest/globals';
import { COMMAND_GROUPS } from '../../../lib/cli/command-groups.ts';
import { COMMANDS } from '../../../lib/cli/commands.ts';
import { runCli } from '../../../lib/cli/run-cli.ts';

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await runCli(argv, {
    stdout: { write: chunk => out.push(String(chunk)) },
    stderr: { write: chunk => err.push(String(chunk)) },
    env: {},
    cwd: '/',
    now: () => 0,
    signal: new AbortController().signal,
  });
  return { exit, out: out.join(''), err: err.join('') };
}

describe('archweave', () => {
  it.each([[[]], [['--help']], [['help']], [['-h']]])(
    'shows %j one screen that names every command',
    async argv => {
      const { exit, out, err } = await run(...argv);
      expect({ exit, err }).toEqual({ exit: 0, err: '' });
      expect(out.split('\n').length).toBeLessThanOrEqual(33);
      const named = [...out.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name);
      expect(named).toEqual([...COMMANDS, ...COMMAND_GROUPS].map(({ name }) => name));
      expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(100);
    },
  );

  it.each(COMMANDS.map(({ name }) => name))(
    'explains %s: usage, an example with a host, exit codes',
    async name => {
      const { exit, out, err } = await run(name, '--help');
      expect({ exit, err }).toEqual({ exit: 0, err: '' });
      expect(out).toMatch(/^Usage: archweave /m);
      expect(out).toMatch(/^ {2}archweave .*127\.0\.0\.1:\d+/m);
      expect(out).toMatch(/Exit codes\n {2}0 {2}ok/);
      expect((await run('help', name)).out).toBe(out);
    },
  );

  it.each(COMMAND_GROUPS.map(({ name }) => name))('shows the commands of the group %s', async name => {
    const { exit, out, err } = await run(name);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const named = [...out.matchAll(/^ {2}(\w+) /gm)].map(([, word]) => `${name} ${word}`);
    expect(named).toEqual(COMMAND_GROUPS.find(group => group.name === name)!.commands.map(one => one.name));
    for (const asked of [
      ['help', name],
      [name, '--help'],
      ['--help', name],
    ])
      expect((await run(...asked)).out).toBe(out);
  });

  it.each(COMMAND_GROUPS.flatMap(({ commands }) => commands.map(({ name }) => name)))(
    'explains %s by two words',
    async name => {
      const { exit, out } = await run(...name.split(' '), '--help');
      expect(exit).toBe(0);
      expect(out).toMatch(new RegExp(`^Usage: archweave ${name} `, 'm'));
      expect(out).toMatch(new RegExp(`^ {2}archweave ${name}`, 'm'));
      expect((await run('help', ...name.split(' '))).out).toBe(out);
      expect((await run('--json', ...name.split(' '), '--help')).out).toBe(out);
    },
  );

  it('asks whether another command of a group was meant', async () => {
    const { exit, out, err } = await run('aws', 'redrvie', '--dry-run');
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toBe('error: "aws redrvie" is not a command. Did you mean "aws redrive"?\n');
    expect((await run('awz', 'redrive')).err).toContain('Did you mean "aws"?');
    expect((await run('aws', '--dry-run')).err).toContain('"--dry-run" is not a flag of aws.');
    expect((await run('aws', 'pause', 'now')).err).toContain('aws pause takes no arguments; given: "now".');
    expect(JSON.parse((await run('aws', 'pause', '--json', 'now')).out).schema).toBe(
      'archweave/aws-pause/v1',
    );
  });

  it('asks whether another command or flag was meant', async () => {
    expect(await run('exlpain', 'x')).toEqual({
      exit: 2,
      out: '',
      err: 'error: "exlpain" is not a command. Did you mean "explain"?\n',
    });
    expect(await run('list', '--jsn', 'x')).toEqual({
      exit: 2,
      out: '',
      err: 'error: "--jsn" is not a flag of list. Did you mean "--json"?\n  next    archweave list --help\n',
    });
    expect(await run('--jsn')).toMatchObject({ exit: 2, out: '' });
  });

  it('prints its version', async () => {
    expect((await run('--version')).out).toMatch(/^archweave \d+\.\d+\.\d+\n$/);
    expect((await run('list', '--version')).out).toMatch(/^archweave /);
  });

  it.each([
    [['inspect'], 'inspect takes REF; given: none.'],
    [['inspect', 'a/b', 'c/d'], 'inspect takes REF; given: "a/b" "c/d".'],
    [['create', '127.0.0.1:1/a:1'], 'create takes TARGET MEMBER...; given: "127.0.0.1:1/a:1".'],
    [['list', 'a/b', '--tags'], '--tags needs a value: --tags GLOB.'],
    [['list', 'a/b', '--tags', '--full'], '--tags needs a value: --tags GLOB.'],
    [['list', 'a/b', '--full=yes'], '--full takes no value.'],
    [['list', 'a/b', '--timeout', '30'], '--timeout "30" is no duration.'],
    [
      ['list', 'a/b', '--color', 'alwys'],
      '--color is one of auto, always, never, not "alwys". Did you mean "always"?',
    ],
  ])('refuses %j before anything is contacted', async (argv, sentence) => {
    const { exit, out, err } = await run(...argv);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err.split('\n')[0]).toBe(`error: ${sentence}`);
  });

  it('writes one JSON document when it fails, too', async () => {
    const { exit, out } = await run('list', '--json', '--nope');
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ schema: 'archweave/list/v1', error: { code: 'bad-argument' } });
    expect(JSON.parse((await run('nope', '--json')).out).schema).toBe('archweave/error/v1');
  });
});
