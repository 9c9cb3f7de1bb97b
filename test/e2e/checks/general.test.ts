import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ARCHWEAVE, archweave, freePort, run, temporaryFolder } from '../../support/e2e-run.ts';
import { pushSample, type Served, serve, settle } from '../../support/e2e-serve.ts';
import { describeWith, PROJECT_ROOT } from '../../support/tools.ts';

const COMMANDS = [
  'demo',
  'serve',
  'check',
  'explain',
  'plan',
  'inspect',
  'list',
  'apply',
  'create',
  'import',
];
const GROUPS = ['aws', 'azure'];

describeWith([], 'the command line', () => {
  const folder = temporaryFolder('general');
  let served: Served;
  beforeAll(async () => {
    served = await serve({ storage: join(folder.path, 's'), cwd: folder.path });
    await pushSample(`${served.host}/app:1.0`);
    await settle(`${served.host}/app:1.0`, 0);
  });
  afterAll(async () => {
    await served?.stop();
    folder.remove();
  });

  it.each([[[]], [['--help']], [['help']]])('check 1: %j prints the commands on one screen', async args => {
    const { rc, out, err } = await archweave(args);
    expect({ rc, err }).toEqual({ rc: 0, err: '' });
    expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(32);
    const named = [...out.matchAll(/^ {2}([a-z]+)(?= )/gm)].map(match => match[1]!);
    expect(named.sort()).toEqual([...COMMANDS, ...GROUPS].sort());
  });

  it.each(COMMANDS)('check 2: %s --help says usage, an example and its exit codes', async command => {
    const { rc, out, err } = await archweave([command, '--help']);
    expect({ rc, err }).toEqual({ rc: 0, err: '' });
    expect(out).toMatch(new RegExp(`^Usage: archweave ${command}`, 'm'));
    expect(out).toMatch(/archweave [a-z]+ .*(127\.0\.0\.1|localhost|[a-z]+\.[a-z]+)/);
    expect(out).toMatch(/exit/i);
  });

  it('check 3: an unknown command or flag is a mistake that names the nearest', async () => {
    const command = await archweave(['exlpain', 'x']);
    expect(command).toMatchObject({ rc: 2, out: '' });
    expect(command.err).toContain('Did you mean "explain"?');
    const flag = await archweave(['explain', '--jsn', `${served.host}/app:1.0`]);
    expect(flag).toMatchObject({ rc: 2, out: '' });
    expect(flag.err).toContain('Did you mean "--json"?');
  });

  it('check 4: it starts under the Node that the system has, and by npx in the clone', async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
    // Without the folder that npm puts first, `node` is the system's own, which may be too old to run the program.
    const PATH = (process.env.PATH ?? '')
      .split(delimiter)
      .filter(entry => !entry.includes('node_modules') && !entry.includes('node-gyp-bin'))
      .join(delimiter);
    expect(await archweave(['--version'], { env: { PATH } })).toMatchObject({
      rc: 0,
      out: `archweave ${version}\n`,
    });
    const npx = await run('npx', ['--no-install', 'archweave', '--version'], {
      cwd: PROJECT_ROOT,
      env: { PATH },
    });
    expect(npx).toMatchObject({ rc: 0, out: `archweave ${version}\n` });
  });

  it('check 6: where nothing listens, the error says so in five lines', async () => {
    const { rc, out, err } = await archweave(['inspect', `127.0.0.1:${await freePort()}/a:b`]);
    expect({ rc, out }).toEqual({ rc: 1, out: '' });
    const lines = err.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^error: cannot .*\[unreachable\]$/);
    expect(lines.filter(line => line.startsWith('  where'))).toHaveLength(1);
    expect(lines.filter(line => line.startsWith('  next'))).toHaveLength(1);
    expect(lines.length).toBeLessThanOrEqual(5);
    expect(Buffer.byteLength(err)).toBeLessThanOrEqual(600);
    expect(err).not.toMatch(/at .*\.ts:/);
  });

  it('check 7: with --json the error is one document', async () => {
    const { rc, out } = await archweave(['inspect', '--json', `127.0.0.1:${await freePort()}/a:b`]);
    expect(rc).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'archweave/inspect/v1',
      error: { code: 'unreachable', retryable: true },
    });
  });

  it('check 8: a bad reference is a mistake that names the wrong part, and nothing is asked', async () => {
    const { rc, out, err } = await archweave(['-v', 'inspect', `${served.host}/not/A/REF:::`]);
    expect({ rc, out }).toEqual({ rc: 2, out: '' });
    expect(err).toContain('[bad-reference]');
    expect(err).not.toMatch(/^(GET|HEAD) /m);
  });

  it('check 9: every command answers one JSON document with its schema', async () => {
    const tag = `${served.host}/app:1.0`;
    const asked: readonly [string, readonly string[]][] = [
      ['inspect', [tag]],
      ['list', [`${served.host}/app`]],
      ['explain', [tag]],
      ['plan', [tag]],
      ['plan', []],
      ['apply', [tag]],
      ['create', [`${served.host}/app:json`, ':1.0-amd64', ':1.0-arm64']],
      ['inspect', [`${served.host}/app:not-there`]],
      ['create', [`${served.host}/app:json`, ':1.0-amd64', ':9.9-arm64']],
      ['check', ['-c', join(PROJECT_ROOT, 'no-such.yaml')]],
      ['list', ['--no-such-flag']],
    ];
    for (const [command, args] of asked) {
      const { out } = await archweave([command, '--json', ...args]);
      expect(JSON.parse(out)).toHaveProperty('schema', `archweave/${command}/v1`);
    }
  });

  it('check 10: a reader that goes away early ends a command quietly', async () => {
    const { out, err } = await run('bash', ['-c', `"${ARCHWEAVE}" list ${served.host}/app | head -1`]);
    expect(out).toMatch(/^TAG/);
    expect(err).not.toMatch(/EPIPE|at .*:\d+/);
  });
});
