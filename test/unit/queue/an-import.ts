import { digestOf } from '../../../lib/image/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { AT_THE_START, type ItemPosition } from '../../../lib/import/copy-item.ts';
import type { ImportEvent } from '../../../lib/import/import-event.ts';
import type { Copied } from '../../../lib/ledger/copied.ts';
import type { ImportTask } from '../../../lib/messages/import-message.ts';
import { createImportIntake, type GroupedMessage } from '../../../lib/queue/import-intake.ts';
import {
  createImportSteps,
  type ImportStepsOptions,
  type PlanState,
} from '../../../lib/queue/import-steps.ts';
import type { Registry } from '../../../lib/registry/interfaces.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import type { ImportRule } from '../../../lib/rules/import-rule.ts';
import { recordTelemetry } from '../../support/telemetry-recorder.ts';

export const MIRROR: ImportRule = {
  name: 'mirror',
  line: 1,
  from: { registry: 'a.example', pattern: 'team/*' },
  to: { registry: 'b.example', repository: 'm/{repository}' },
  tags: ['*'],
  platforms: 'all',
  referrers: true,
  when: { on: 'published' },
};
export const TASK: ImportTask = { name: 'mirror', repository: 'team/app', tag: '1.0' };

/** What goes from state to state goes through JSON. */
const handedOn = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Two registries and the imports between them, with a state machine that a test runs step by step. */
export function anImport(
  more: Partial<Omit<ImportStepsOptions, 'registryOf'>> & {
    readonly rule?: ImportRule;
    readonly registryOf?: (host: string) => Registry | undefined;
  } = {},
) {
  const { rule = MIRROR, ...options } = more;
  const a = new MemoryRegistry();
  const b = new MemoryRegistry();
  const told: ImportEvent[] = [];
  const memory = new Map<string, Copied>();
  const started = new Map<string, string>();
  const inputs: string[] = [];
  const sent: GroupedMessage[] = [];
  const telemetry = recordTelemetry();
  const common = { imports: [rule], rules: [], telemetry };
  const copied = {
    copied: async (target: object) => memory.get(JSON.stringify(target)),
    setCopied: async (target: object, value: Copied) => void memory.set(JSON.stringify(target), value),
  };
  const registryOf = options.registryOf ?? ((host: string) => ({ 'a.example': a, 'b.example': b })[host]);
  const steps = createImportSteps({
    ...common,
    copied,
    tell: async event => void told.push(event),
    now: () => 60_000,
    ...options,
    registryOf,
  });
  const intake = createImportIntake({
    ...common,
    readerOf: registryOf,
    copied,
    executions: {
      async start(name, input) {
        if (started.has(name)) return 'taken';
        started.set(name, 'RUNNING');
        inputs.push(input);
        return 'started';
      },
      describe: async name => ({ status: started.get(name)!, input: '' }),
    },
    send: async messages => void sent.push(...messages),
  });
  const never = new AbortController().signal;

  return {
    ...{ a, b, steps, intake, told, memory, started, inputs, sent, telemetry },
    /** As the state machine does; answers how many steps each item took. */
    async execute(task = TASK, pause = never): Promise<readonly number[]> {
      const taken: number[] = [];
      for (let round = 0; ; ) {
        let plan: PlanState = handedOn(await steps.plan(task, round));
        round = plan.round;
        if (plan.way === 'nothing') return taken;
        if (plan.way === 'acr-import') plan = handedOn(await steps.fetch(task, plan, pause));
        let moved = 0;
        for (const item of plan.items) {
          let at: ItemPosition = AT_THE_START;
          let count = 0;
          for (; !at.done; count += 1) at = handedOn(await steps.blob(task, item, at, pause));
          taken.push(count);
          moved += at.moved;
        }
        if ((await steps.finish(task, { ...plan, moved, began: 0 }, pause)).done) return taken;
      }
    },
    held: async (tag = '1.0') => (await b.resolveReferences('m/team/app', [tag])).get(tag),
  };
}

/** Pushes an image of one layer of so many bytes; answers its digest and the layer's. */
export async function pushLayered(registry: MemoryRegistry, size: number, seed: number, tag = '1.0') {
  const layer = new Uint8Array(size).map((_, at) => (at * seed + (at >> 8)) & 255);
  const config = new TextEncoder().encode(JSON.stringify({ os: 'linux', architecture: 'amd64', seed }));
  const described = [config, layer].map(bytes => ({ digest: digestOf(bytes), size: bytes.length }));
  for (const [at, bytes] of [config, layer].entries())
    await registry.writeBlob('team/app', described[at]!, async function* (offset) {
      yield bytes.subarray(offset);
    });
  const bytes = new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, ...described[0] },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...described[1] }],
    }),
  );
  const digest = digestOf(bytes);
  await registry.writeManifest('team/app', tag, { bytes, mediaType: OCI_MANIFEST, digest });
  return { digest, layer: described[1]!.digest };
}
