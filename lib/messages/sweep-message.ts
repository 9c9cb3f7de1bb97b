import { Fields } from '../image/fields.ts';

/** A part of a sweep that one run does: the repositories of a registry, or one of them. */
export interface SweepTask {
  readonly registry: string;
  /** Left out: find the registry's repositories and make a task of each. */
  readonly repository?: string;
  /** Where the run before stopped: the last name that is done. */
  readonly after?: string;
  /** When the sweep began, RFC 3339; the same in all its tasks. */
  readonly began: string;
  /** Rules under which the registry has never been swept before: what was complete until now stays as it is. */
  readonly first: readonly string[];
}

const VERSION = 1;

export function sweepMessage(task: SweepTask): string {
  return JSON.stringify({ v: VERSION, sweep: task });
}

/** Throws `malformed` with the field. */
export function readSweepMessage(body: string): SweepTask {
  const message = Fields.parse(new TextEncoder().encode(body), 'read this message');
  if (message.values.v !== VERSION) throw message.complaint('v', `is not ${VERSION}`);
  const fields = message.object('sweep');
  const repository = fields.optionalString('repository');
  const after = fields.optionalString('after');
  return {
    registry: fields.string('registry'),
    ...(repository !== undefined && { repository }),
    ...(after !== undefined && { after }),
    began: fields.string('began'),
    first: fields.optionalStrings('first') ?? [],
  };
}
