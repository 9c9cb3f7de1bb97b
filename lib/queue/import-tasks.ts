import { parseEcr } from '../events/parse-ecr.ts';
import { Fields } from '../image/fields.ts';
import { type ImportTask, readImportMessage } from '../messages/import-message.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import { importsFrom } from '../rules/import-scope.ts';

export interface ImportTasksOptions {
  readonly imports: readonly ImportRule[];
  /** All names that imports may have for the registry that an event names. */
  readonly namesOf: (registry: string) => readonly string[];
}

/**
 * What something that comes in asks for: a message of the queue, a call of a clock (which has the same fields), a
 * publication of our own, a push to ECR; also wrapped by Lambda, when it is put back from the dead letters.
 *
 * Throws `malformed` or `bad-event` for anything else.
 */
export function importTasks(value: unknown, options: ImportTasksOptions): readonly ImportTask[] {
  const event = new Fields('read this message', '', value);
  if (event.has('requestPayload')) return importTasks(event.values.requestPayload, options);
  if (event.optionalString('detail-type') === undefined) return [readImportMessage(JSON.stringify(value))];
  return event.string('source') === 'archweave' ? published(event, options) : pushed(value, options);
}

function published(event: Fields, { imports, namesOf }: ImportTasksOptions): readonly ImportTask[] {
  const detail = event.object('detail');
  const repository = detail.string('repository');
  const tags = detail.optionalStrings('targets') ?? [];
  return namesOf(detail.object('registry').string('host'))
    .flatMap(name => importsFrom(imports, name, repository))
    .filter(({ when }) => when.on === 'published')
    .flatMap(({ name }) => tags.map(tag => ({ name, repository, tag })));
}

function pushed(value: unknown, { imports, namesOf }: ImportTasksOptions): readonly ImportTask[] {
  return parseEcr(value).pushes.flatMap(({ registry, repository, tag, action }) =>
    action !== 'push' || tag === undefined
      ? []
      : namesOf(registry)
          .flatMap(name => importsFrom(imports, name, repository))
          .filter(({ when }) => when.on === 'pushed')
          .map(({ name }) => ({ name, repository, tag })),
  );
}
