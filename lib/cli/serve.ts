import { resolve } from 'node:path';
import type { RegistrySetting, ServeOptions } from '../server/serve.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { hookSecrets } from './hook-secrets.ts';
import { openRegistry } from './open-registry.ts';
import { choiceFlag, durationFlag, mistake } from './parse-arguments.ts';
import { readConfig } from './read-config.ts';
import { serveBanner, shownPath } from './serve-banner.ts';
import { STORAGE } from './served-here.ts';

const DEFAULT_LISTEN = '127.0.0.1:5100';

/** `serve`: everything in one process, until it is told to stop. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { flags, terminal, cwd, env, signal, common } = invocation;
  const listen = parseListen(flags.value('listen') ?? DEFAULT_LISTEN);
  const embedded = !flags.has('no-registry');
  const storage = flags.value('storage') ?? STORAGE;
  const form = choiceFlag(flags, 'log', ['human', 'json']) ?? 'human';
  const every = durationFlag(flags, 'reconcile');
  const anonymous = choiceFlag(flags, 'anonymous', ['none', 'pull']);
  const users = flags.value('users');
  const configuration = await readConfig(invocation);
  if (!embedded && configuration === undefined) {
    throw mistake('--no-registry needs an archweave.yaml that says which registries to watch.');
  }
  const { startServe } = await import('../server/serve.ts');
  const { keepHeapSmall } = await import('../server/registry/keep-heap-small.ts');
  keepHeapSmall();
  const { logDocument, logLine } = await import('../server/log-lines.ts');
  const options: ServeOptions = {
    listen,
    storageDir: resolve(cwd, storage),
    embedded,
    open: (setting: RegistrySetting) => openRegistry({ host: setting.host }, invocation, [setting]),
    log: event => terminal.note(form === 'json' ? JSON.stringify(logDocument(event)) : logLine(event)),
    ...(configuration === undefined
      ? {}
      : { config: configuration.config, hookTokens: hookSecrets(configuration.config.registries, env) }),
    ...(every === undefined ? {} : { reconcileEvery: every }),
    ...(anonymous === undefined ? {} : { anonymous }),
    ...(users === undefined
      ? {}
      : { users: await (await import('./read-users.ts')).readUsers(resolve(cwd, users)) }),
  };
  const serving = await startServe(options);
  if (form === 'human') {
    const lines = serveBanner({
      serving,
      embedded,
      storage,
      configFile: configuration?.file,
      imports: configuration?.config.imports ?? [],
    });
    for (const line of lines) terminal.note(line);
  }
  const { url } = serving;
  terminal.answer(common.json ? JSON.stringify({ schema: 'archweave/serve/v1', url }) : url);
  await aborted(signal);
  if (form === 'human') {
    const command = ['archweave serve', ...restartFlags(invocation)].join(' ');
    const pushes = serving.inHand;
    const kept = `Everything is in ${shownPath(storage)}, start again with: ${command}`;
    terminal.note(`Stopping: ${pushes} ${pushes === 1 ? 'push' : 'pushes'} in hand. ${kept}`);
  }
  await serving.close();
  return { exit: EXIT.ok };
}

export function parseListen(text: string): ServeOptions['listen'] {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:\s/]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw mistake(`--listen "${text}" is not HOST:PORT.`, `--listen ${DEFAULT_LISTEN}`);
  }
  return { host: match[1]!, port };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function restartFlags({ flags }: Invocation): readonly string[] {
  const kept = ['listen', 'storage', 'reconcile', 'users', 'anonymous', 'config'].flatMap(name => {
    const value = flags.value(name);
    return value === undefined ? [] : [`--${name} ${value}`];
  });
  return [...kept, ...(flags.has('no-registry') ? ['--no-registry'] : [])];
}
