import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchweaveError } from '../errors.ts';
import type { ParsedEvents } from '../events/parsed-events.ts';
import type { Push } from '../events/push.ts';
import { FileUploadNotes } from '../import/file-upload-notes.ts';
import { openSqliteLedger, type SqliteLedger } from '../ledger/sqlite.ts';
import type { Registry } from '../registry/interfaces.ts';
import type { AcrSettings } from '../rules/acr-settings.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import type { Rule } from '../rules/rule.ts';
import { healthRoutes } from './health.ts';
import { hookToken } from './hook-token.ts';
import { hookRoutes } from './hooks.ts';
import { ImportMemory } from './import-memory.ts';
import { addressText, type Fetch, isPrivate, type ListenAddress, type Listening, listen } from './listen.ts';
import type { RegistryAccess } from './registry/access.ts';
import { EmbeddedRegistry } from './registry/embedded-registry.ts';
import { registryRoutes } from './registry/routes.ts';
import type { ServeEvent } from './serve-event.ts';
import { ServeState } from './serve-state.ts';
import { isHeard, type ServedRegistry, servedRegistries, servedRules } from './served-registries.ts';
import { serverRoutes } from './server-routes.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';
import { startWork } from './work.ts';

export interface ServeOptions {
  readonly listen: ListenAddress;
  /** Where everything is kept; made if it is not there. */
  readonly storageDir: string;
  /** What archweave.yaml says; left out where there is none. */
  readonly config?: {
    readonly registries: readonly RegistrySetting[];
    readonly rules: readonly Rule[];
    readonly imports?: readonly ImportRule[];
  };
  /** Makes the adapter of a configured registry. */
  readonly open: (registry: RegistrySetting) => Registry;
  /** Whether the registry in it is served. */
  readonly embedded: boolean;
  /** Milliseconds between two sweeps of a registry, for all of them. */
  readonly reconcileEvery?: number;
  /** Hears of what happens, in its order. Must not throw. */
  readonly log: (event: ServeEvent) => void;
  /** Whether the password is that user's; where it is given, nobody else may push. */
  readonly users?: RegistryAccess['users'];
  /** Secrets of single hooks, by the names of their registries; the others share a token of this storage. */
  readonly hookTokens?: ReadonlyMap<string, string>;
  /** What may be done without a name; left out, everything without `users` and nothing with them. */
  readonly anonymous?: 'none' | 'pull';
}

export interface RegistrySetting extends AcrSettings {
  readonly name: string;
  readonly host: string;
  readonly plainHttp?: boolean;
  readonly credentials?: string;
  /** Milliseconds. */
  readonly reconcile?: number;
}

export interface ServedHook {
  readonly name: string;
  readonly url: string;
  /** Milliseconds between two sweeps, and between two looks at the newest tags. */
  readonly every: number;
  readonly poll?: number;
  /** Whether it has a secret of its own. */
  readonly own: boolean;
}

export interface Serving {
  /** `http://127.0.0.1:5100/` */
  readonly url: string;
  /** HOST:PORT as clients on this machine write it; also the embedded registry's name in rules. */
  readonly host: string;
  /** Registries that are watched besides the embedded one, and where they send their events. */
  readonly hooks: readonly ServedHook[];
  /** The rules in force, the built-in one of the embedded registry among them. */
  readonly rules: readonly Rule[];
  /** Wake-ups that were not answered yet. */
  readonly inHand: number;
  /** Resolves when every registry was looked through once and nothing is in hand. */
  idle(): Promise<void>;
  /** Ends within about five seconds: what runs may finish for four of them. May be called twice. */
  close(): Promise<void>;
}

/** How long requests and passes may go on after `close`, in milliseconds. */
const GRACE = 4_000;

/**
 * Everything in one process: the embedded registry, the hooks, the queue, assembly, the ledger and the sweep.
 *
 * Nothing has to survive in the queue: after a start everything is looked at once. Throws `open-to-all`,
 * `port-in-use`, `storage-in-use` and what the disk says, and leaves nothing running then.
 */
export async function startServe(options: ServeOptions): Promise<Serving> {
  refuseOpenDoor(options);
  // The port first: who starts a second one by mistake wants to hear of the first, not of a locked folder.
  const ready = Promise.withResolvers<Fetch>();
  ready.promise.catch(() => {});
  const listening = await listen(options.listen, async (request, env) => (await ready.promise)(request, env));
  const opened: (() => void | Promise<void>)[] = [() => listening.close(0)];
  try {
    await mkdir(options.storageDir, { recursive: true, mode: 0o700 });
    const storage = await openStorage(options.storageDir);
    opened.push(() => storage.close());
    const ledger = openSqliteLedger(join(options.storageDir, 'ledger.sqlite'));
    opened.push(() => ledger.close());
    return await serveOpened(options, { listening, storage, ledger, ready: ready.resolve });
  } catch (error) {
    ready.reject(error);
    for (const close of opened.toReversed()) await close();
    throw error;
  }
}

interface Opened {
  readonly listening: Listening;
  readonly storage: Storage;
  readonly ledger: SqliteLedger;
  readonly ready: (fetch: Fetch) => void;
}

async function serveOpened(
  options: ServeOptions,
  { listening, storage, ledger, ready }: Opened,
): Promise<Serving> {
  const { storageDir, config, log } = options;
  const { host } = listening;
  const token = await hookToken(storageDir);
  const rules = servedRules(config?.rules ?? [], options.embedded ? host : undefined);
  const embedded = options.embedded ? new EmbeddedRegistry(storage) : undefined;
  const registries = servedRegistries({ ...options, host, embedded });
  const state = await moveIn(options, host, ledger);

  const imports = config?.imports ?? [];
  const work = startWork({
    registries,
    rules,
    ...(imports.length > 0 && {
      imports: {
        imports,
        memory: await ImportMemory.open(storageDir),
        notes: new FileUploadNotes(join(storageDir, 'import-uploads')),
      },
    }),
    ledger,
    log,
    isNew: name => !state.wasSwept(name),
    onSwept: name => state.setSwept(name, new Date().toISOString()).catch(() => {}),
  });
  if (embedded !== undefined) storage.listen(event => work.take({ ...event, registry: host }));

  const hooks = registries.filter(isRemote).filter(one => isHeard(one, rules, imports));
  ready(
    serverRoutes({
      private: isPrivate(options.listen),
      health: healthRoutes(async () => {
        storage.repositories({ limit: 1 });
        await ledger.due(new Date().toISOString(), 1);
      }),
      hooks: hookRoutes({
        hooks: new Map(hooks.map(hook => [hook.name, hook])),
        token,
        now: Date.now,
        onEvents: firstEvents(hooks, log, work.take),
      }),
      ...(embedded !== undefined && { registry: registryRoutes(storage, { access: accessOf(options) }) }),
    }),
  );

  let closed: Promise<void> | undefined;
  return {
    url: `http://${host}/`,
    host,
    hooks: hooks.map(({ name, every, poll, token: own }) => ({
      name,
      url: `http://${host}/hooks/${name}`,
      every,
      own: own !== undefined,
      ...(poll !== undefined && { poll }),
    })),
    rules,
    get inHand() {
      return work.inHand;
    },
    idle: () => work.idle(),
    close() {
      closed ??= (async () => {
        await Promise.all([listening.close(GRACE), work.stop(GRACE)]);
        ledger.close();
        await storage.close();
      })();
      return closed;
    },
  };
}

/** Files what the ledger knows under the embedded registry's name of today: with another port it has another one. */
async function moveIn({ storageDir, embedded }: ServeOptions, host: string, ledger: SqliteLedger) {
  const state = await ServeState.open(storageDir);
  if (!embedded || state.embedded === host) return state;
  if (state.embedded !== undefined) await ledger.renameRegistry(state.embedded, host);
  await state.setEmbedded(host);
  return state;
}

function isRemote({ embedded }: ServedRegistry): boolean {
  return !embedded;
}

/** Hands on what came in, and tells of the first delivery at each hook: it says that the way is right. */
function firstEvents(
  hooks: readonly ServedRegistry[],
  log: ServeOptions['log'],
  take: (push: Push) => void,
): (name: string, events: ParsedEvents) => void {
  const silent = new Map(hooks.map(({ name, host }) => [name, host]));
  return (name, { pushes }) => {
    const registry = silent.get(name);
    if (registry !== undefined) log({ at: Date.now(), kind: 'first-event', hook: name, registry });
    silent.delete(name);
    for (const push of pushes) take(push);
  };
}

function accessOf({ users, anonymous }: ServeOptions): RegistryAccess {
  return { users, anonymous: anonymous ?? (users === undefined ? 'all' : 'none') };
}

function refuseOpenDoor({ listen: address, users, anonymous, embedded }: ServeOptions): void {
  if (!embedded || isPrivate(address) || users !== undefined || anonymous !== undefined) return;
  throw new ArchweaveError({
    code: 'open-to-all',
    attempt: '',
    reason: `refusing to listen on ${addressText(address)} for everybody`,
    next: 'name who may push: --users FILE (htpasswd), or let everybody read only: --anonymous pull',
  });
}
