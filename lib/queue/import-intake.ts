import { listImages } from '../import/list-images.ts';
import { askedOf } from '../import/rule-request.ts';
import type { CopiedStore } from '../ledger/copied.ts';
import { type ImportTask, importMessage } from '../messages/import-message.ts';
import type { ManifestReader, RepositoryLister, TagLister } from '../registry/interfaces.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import { targetOfImport } from '../rules/import-scope.ts';
import type { Rule } from '../rules/rule.ts';
import { type Executions, executionName, hasFailed } from './executions.ts';
import type { Telemetry } from './telemetry.ts';

/** A message for the queue of imports. Its group is the import, so that a large one keeps no other waiting. */
export interface GroupedMessage {
  readonly body: string;
  readonly group: string;
}

export interface ImportIntakeOptions {
  readonly imports: readonly ImportRule[];
  readonly rules: readonly Rule[];
  /** The registry of this host, as a source. */
  readonly readerOf: (
    host: string,
  ) => (Pick<ManifestReader, 'resolveReferences'> & TagLister & Partial<RepositoryLister>) | undefined;
  readonly copied: Pick<CopiedStore, 'copied'>;
  readonly executions: Executions;
  readonly send: (messages: readonly GroupedMessage[]) => Promise<void>;
  readonly telemetry: Telemetry;
}

/** How often an image that failed is begun anew, each time that something asks for it, until its source changes. */
const MOST_ATTEMPTS = 20;

/** Sends tasks to the queue, and takes them from there: a task of one tag starts an execution, unless there was one. */
export function createImportIntake(options: ImportIntakeOptions) {
  const { imports, rules, readerOf, copied, executions, telemetry } = options;

  const send = (tasks: readonly ImportTask[]): Promise<void> =>
    options.send(tasks.map(task => ({ body: importMessage(task), group: groupOf(task) })));

  /** Throws what the registry, the ledger or Step Functions fail with: the message then comes again. */
  async function take(task: ImportTask): Promise<void> {
    const ignore = (reason: string): void => telemetry.log('info', 'import ignored', { reason, ...task });
    const rule = imports.find(({ name }) => name === task.name);
    if (rule === undefined) return ignore('archweave.yaml has no such import');
    const registry = readerOf(rule.from.registry);
    if (registry === undefined) return ignore('its source is not known here');
    const { repository, tag } = task;
    if (repository === undefined || tag === undefined) {
      const images = await listImages(rule, rules, registry);
      await send(images.map(({ source }) => ({ name: rule.name, ...placeOf(source) })));
      telemetry.log('info', 'import looked through', { import: rule.name, images: images.length });
      return;
    }
    const source = { registry: rule.from.registry, repository, tag };
    const target = targetOfImport(rule, rules, source);
    if (target === undefined) return ignore('the import does not copy it');
    const held = (await registry.resolveReferences(repository, [tag])).get(tag);
    // What is gone at the source stays at the target.
    if (held === undefined) return ignore('the source does not have it any more');
    const what = `${held} ${askedOf(rule)}`;
    const before = await copied.copied(target);
    if (before?.what === what) return;
    const wanted = { target: JSON.stringify(target), what, times: before?.times ?? 0 };
    const name = await start(wanted, importMessage({ name: rule.name, repository, tag }));
    if (name !== undefined)
      telemetry.log('info', 'import started', { ...task, digest: held, execution: name });
  }

  /** Undefined where it runs, or has run well, or failed too often. */
  async function start(wanted: Parameters<typeof executionName>[0], input: string) {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const name = executionName(wanted, attempt);
      if ((await executions.start(name, input)) === 'started') return name;
      if (!hasFailed(await executions.describe(name))) return undefined;
    }
    return undefined;
  }

  return { send, take };
}

function placeOf({ repository, tag }: { readonly repository: string; readonly tag: string }) {
  return { repository, tag };
}

/** Groups of SQS have neither blanks nor letters of other alphabets in their names, and 128 characters at most. */
function groupOf({ name }: ImportTask): string {
  return name.replaceAll(/[^\w.-]/g, '-').slice(0, 128);
}
