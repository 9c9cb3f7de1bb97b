import type { Refusal } from './finding.ts';
import { readObject } from './read-object.ts';
import type { Report } from './report.ts';
import { importSchema } from './schema.ts';
import type { Secrets } from './secrets.ts';
import { type Entry, isEmpty } from './yaml-tree.ts';

/** Reads `imports`, so that mistakes in them are found already, and says once that nothing runs them yet. */
export function readImports(
  entry: Entry | undefined,
  context: { readonly report: Report; readonly secrets: Secrets },
): number {
  if (!entry || isEmpty(entry.value)) return 0;
  if (entry.value.kind !== 'list') {
    context.report.add(entry.value.range, { code: 'wrong-type', message: '"imports" is a list' });
    return 0;
  }
  for (const item of entry.value.items) {
    readObject(importSchema, item, { noun: 'an import', ...context, onUnknown });
  }
  if (entry.value.items.length > 0) {
    context.report.add(entry.keyRange, {
      code: 'not-yet',
      message: 'imports are not there yet',
      next: 'leave "imports" out',
    });
  }
  return entry.value.items.length;
}

// YAML 1.1 reads `on` as true, so a script that rewrites the file would break it.
function onUnknown({ key }: Entry): Refusal | undefined {
  if (key !== 'on' && key !== 'true') return undefined;
  return { code: 'yaml-on', message: 'on: is true in many YAML readers; it is called when: here' };
}
