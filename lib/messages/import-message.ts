import { Fields } from '../image/fields.ts';

/** Something that an import has to look at: one tag of its source, or (without both) all that it copies. */
export interface ImportTask {
  /** The import's name in archweave.yaml. Where to, and what of the image, is said there and never here. */
  readonly name: string;
  readonly repository?: string;
  readonly tag?: string;
}

const VERSION = 1;

/** What waits in the queue of imports; an execution of the state machine begins with the same. */
export function importMessage(task: ImportTask): string {
  return JSON.stringify({ v: VERSION, import: task });
}

/** Throws `malformed` with the field, also for a version that is not known here. */
export function readImportMessage(body: string): ImportTask {
  const message = Fields.parse(new TextEncoder().encode(body), 'read this message');
  if (message.values.v !== VERSION) throw message.complaint('v', `is not ${VERSION}`);
  const fields = message.object('import');
  const repository = fields.optionalString('repository');
  const tag = fields.optionalString('tag');
  if ((repository === undefined) !== (tag === undefined))
    throw fields.complaint(tag === undefined ? 'tag' : 'repository', 'is missing: both or none');
  return {
    name: fields.string('name'),
    ...(repository !== undefined && { repository }),
    ...(tag !== undefined && { tag }),
  };
}
