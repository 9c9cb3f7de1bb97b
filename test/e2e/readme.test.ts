import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { archweave, run, start, temporaryFolder } from '../support/e2e-run.ts';
import { describeWith, PROJECT_ROOT } from '../support/tools.ts';

const README = join(PROJECT_ROOT, 'README.md');

/** The commands that it shows: lines indented by four, outside of blocks. */
function commandsOf(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/^ {4}(\S.*)$/gm)].map(line => line[1]!.replace(/^\$ /, ''));
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, '');
}

/** Processes that work in `folder` or were started from it; a process that ended meanwhile is none. */
function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const works = readlinkSync(`/proc/${pid}/cwd`);
        return command.includes(folder) || works.startsWith(folder) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

describeWith(['git'], 'the README', () => {
  const folder = temporaryFolder('readme');
  const clone = join(folder.path, 'archweave');
  const home = join(folder.path, 'home');
  const temporary = join(folder.path, 'tmp');
  let readme: string;
  const npm: Record<string, string> = {};
  beforeAll(async () => {
    readme = readFileSync(README, 'utf8');
    mkdirSync(home);
    mkdirSync(temporary);
    // A home of its own shows what is left there; npm still finds its cache and a person's settings.
    for (const key of ['cache', 'userconfig']) {
      npm[`npm_config_${key}`] = (await run('npm', ['config', 'get', key])).out.trim();
    }
  });
  afterAll(() => folder.remove());

  it('is one screen', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it('shows the command that tries it and the command that tests it', () => {
    const commands = commandsOf(readme).join('\n');
    expect(commands).toMatch(/npm ci && npm run demo/);
    expect(commands).toMatch(/npm test/);
  });

  it('check 60: its first command shows four pushes in a fresh clone, and leaves nothing behind', async () => {
    const first = commandsOf(readme).find(command => command.includes('npm run demo'))!;
    // The clone is of what is committed here; the address in the README is where it will be found one day.
    const command = first.replace(/git clone \S+/, `git clone --quiet ${PROJECT_ROOT}`);
    const { child, done } = start('bash', ['-c', command], {
      cwd: command.includes('git clone') ? folder.path : await cloned(),
      timeout: 170_000,
      env: {
        CI: '1',
        HOME: home,
        TMPDIR: temporary,
        ...npm,
        npm_config_update_notifier: 'false',
      },
    });
    const { rc, out, err } = await done;
    expect({ rc, told: rc === 0 ? '' : out + err }).toEqual({ rc: 0, told: '' });
    const shown = `${out}${err}`;
    expect(shown.match(/published +hello:1\.0/g)).toHaveLength(2);
    expect(shown.match(/waiting +hello:1\.0 +linux\/amd64 is from \S+, linux\/arm64 from \S+/g)).toHaveLength(
      1,
    );
    expect(child.exitCode).toBe(0);
    expect(processesIn(folder.path)).toEqual([]);
    expect(readdirSync(folder.path).sort()).toEqual(['archweave', 'home', 'tmp']);
    expect({ home: readdirSync(home), tmp: leftIn(temporary) }).toEqual({ home: [], tmp: [] });
    const changed = await run('git', ['status', '--porcelain'], { cwd: clone });
    expect(changed.out).toBe('');
  }, 180_000);

  it('has a configuration without mistakes', async () => {
    const blocks = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(block => block[1]!);
    expect(blocks).toHaveLength(1);
    const file = join(temporary, 'archweave.yaml');
    writeFileSync(file, blocks[0]!);
    const { rc, out } = await archweave(['check', '-c', file]);
    rmSync(file);
    expect({ rc, right: out.trimEnd().endsWith('No mistakes.') }).toEqual({ rc: 0, right: true });
  });

  it('gives the other commands names that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
    const run = [...readme.matchAll(/npm run ([a-z:]+)/g)].map(match => match[1]!);
    expect(run.filter(name => scripts[name] === undefined)).toEqual([]);
    const linked = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(match => match[1]!);
    expect(linked.filter(path => !existsSync(join(PROJECT_ROOT, path)))).toEqual([]);
  });

  async function cloned(): Promise<string> {
    const { rc, err } = await run('git', ['clone', '--quiet', PROJECT_ROOT, clone]);
    if (rc !== 0) throw new Error(err);
    return clone;
  }
});

/** What was left in the temporary folder, but for what Node and npm keep there themselves. */
function leftIn(path: string): readonly string[] {
  return readdirSync(path).filter(name => !/^(node-compile-cache|npm-|v8-compile-cache)/.test(name));
}
