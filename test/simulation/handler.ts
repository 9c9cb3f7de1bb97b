import type { WakeUp } from '../../lib/assembly/wake-up.ts';
import type { World } from '../../lib/assembly/world.ts';
import type { Core } from './core.ts';
import { type Call, Run, type Surroundings } from './run.ts';
import { memberTags, REGISTRY, REPOSITORY, REQUIRED } from './scenario.ts';
import type { Flight, Message } from './state.ts';
import { newWatch, type Watch } from './watch.ts';

/** What somebody set out to do. */
export type Errand =
  | { readonly kind: 'queue'; readonly messages: readonly Message[] }
  | { readonly kind: 'apply'; readonly wakeUp: WakeUp }
  | { readonly kind: 'create'; readonly group: string; readonly tag: string };

/** One run of the code under attack. */
export interface Handler {
  readonly name: string;
  readonly errand: Errand;
  readonly run: Run;
  readonly speed: number;
  readonly watch: Watch;
  /** False once its messages were given to another. */
  holds: boolean;
  /** The write that it waits for. */
  flight?: Flight;
  /** Its client has given up on the write, and will tell it so. */
  failed?: 'timeout' | 'registry-failed';
  /** A batch read of which some answers were given already. */
  readonly torn: Map<Call, Map<string, unknown>>;
}

export async function startHandler(
  core: Core,
  surroundings: Surroundings,
  errand: Errand,
  { name, speed }: Pick<Handler, 'name' | 'speed'>,
): Promise<Handler> {
  const run = await Run.start(surroundings, world => workOf(core, world, errand));
  return { name, errand, run, speed, watch: newWatch(), holds: errand.kind === 'queue', torn: new Map() };
}

/** What a handler calls: the same as the functions, `serve` and the command line do. */
export function workOf(core: Core, world: World, errand: Errand): Promise<unknown> {
  switch (errand.kind) {
    case 'queue': {
      const attempt = Math.max(...errand.messages.map(({ attempts }) => attempts));
      return core.assemble(
        world,
        errand.messages.map(({ wakeUp }) => wakeUp),
        attempt,
      );
    }
    case 'apply':
      return core.assemble(world, [errand.wakeUp]);
    case 'create': {
      const members = REQUIRED.map(architecture => memberTags(errand.group, architecture)[0]!);
      return core.join(world, { registry: REGISTRY, repository: REPOSITORY, members, tags: [errand.tag] });
    }
  }
}
