import { join } from 'node:path';
import { ARCHWEAVE, type RunOptions } from '../../test/support/e2e-run.ts';
import { findTool, PROJECT_ROOT } from '../../test/support/find-tool.ts';

/** A program that copies an image with all its platforms, as its documentation says to. */
export interface Copier {
  readonly name: string;
  readonly command: string;
  /** Both are HOST/REPO:TAG, on plain http. */
  args(source: string, target: string): readonly string[];
  readonly options: RunOptions;
}

const NODE_24_FIRST = `${join(PROJECT_ROOT, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;

/** `state` is a folder for what it notes down of interrupted uploads. */
export function archweaveCopier(state: string): Copier {
  return {
    name: 'archweave import',
    command: ARCHWEAVE,
    args: (source, target) => ['import', source, target],
    options: { env: { PATH: NODE_24_FIRST, XDG_STATE_HOME: state }, timeout: 600_000 },
  };
}

/** Those that are installed. `folder` is for their settings, so that a person's own do not matter. */
export function otherCopiers(folder: string): readonly Copier[] {
  const options: RunOptions = { env: { REGCTL_CONFIG: join(folder, 'regctl.json') }, timeout: 600_000 };
  const host = (reference: string): string => reference.split('/')[0]!;
  const all = {
    'skopeo copy --all': {
      command: findTool('skopeo'),
      args: (source: string, target: string) => [
        'copy',
        '--all',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        `docker://${source}`,
        `docker://${target}`,
      ],
    },
    'crane copy': {
      command: findTool('crane'),
      args: (source: string, target: string) => ['copy', '--insecure', source, target],
    },
    'regctl image copy': {
      command: findTool('regctl'),
      args: (source: string, target: string) => [
        ...[source, target].flatMap(end => ['--host', `reg=${host(end)},tls=disabled`]),
        'image',
        'copy',
        source,
        target,
      ],
    },
  };
  return Object.entries(all).flatMap(([name, { command, args }]) =>
    command === undefined ? [] : [{ name, command, args, options }],
  );
}
