import { mkdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ARCHWEAVE, type Outcome, run } from '../../test/support/e2e-run.ts';
import { findTool, PROJECT_ROOT } from '../../test/support/find-tool.ts';

/** A program that can join two members to an index, as its documentation says to. */
export interface Contender {
  readonly name: string;
  /** Joins; must end with exit status 0. `target` and `members` are HOST/REPO:TAG. */
  join(target: string, members: readonly string[]): Promise<Outcome>;
}

const NODE_24_FIRST = [join(PROJECT_ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);

/** Without the folders that npm puts first: the system's own Node, which may be older than 24. */
export const SYSTEM_PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(folder => !folder.includes('node_modules') && !folder.includes('node-gyp-bin'))
  .join(delimiter);

export function archweaveWith(path = NODE_24_FIRST): Contender {
  return {
    name: 'archweave',
    join: (target, members) => run(ARCHWEAVE, ['create', target, ...members], { env: { PATH: path } }),
  };
}

/** Those that are installed. `folder` is for their settings, so that a person's own do not matter. */
export function contenders(folder: string, host: string): readonly Contender[] {
  const all: readonly (Contender | undefined)[] = [crane(), regctl(folder, host), docker(folder)];
  return all.filter(one => one !== undefined);
}

function crane(): Contender | undefined {
  const path = findTool('crane');
  if (path === undefined) return undefined;
  return {
    name: 'crane index append',
    join: (target, members) =>
      run(path, ['index', 'append', '-t', target, ...members.flatMap(one => ['-m', one])]),
  };
}

function regctl(folder: string, host: string): Contender | undefined {
  const path = findTool('regctl');
  if (path === undefined) return undefined;
  const env = { REGCTL_CONFIG: join(folder, 'regctl.json') };
  return {
    name: 'regctl index create',
    join: (target, members) =>
      run(
        path,
        [
          '--host',
          `reg=${host},tls=disabled`,
          'index',
          'create',
          target,
          ...members.flatMap(one => ['--ref', one]),
        ],
        { env },
      ),
  };
}

function docker(folder: string): Contender | undefined {
  const path = findTool('docker');
  if (path === undefined) return undefined;
  const config = join(folder, 'docker');
  const env = { DOCKER_CONFIG: config };
  return {
    name: 'docker manifest create, push',
    async join(target, members) {
      rmSync(config, { recursive: true, force: true });
      mkdirSync(config, { recursive: true });
      const created = await run(path, ['manifest', 'create', '--insecure', target, ...members], { env });
      if (created.rc !== 0) return created;
      const pushed = await run(path, ['manifest', 'push', '--insecure', target], { env });
      return { ...pushed, ms: created.ms + pushed.ms };
    },
  };
}
