import { holdsSecret, markSecrets } from './mark-secrets.ts';
import { readObject } from './read-object.ts';
import { type ReadFile, readYaml } from './read-yaml.ts';
import { configSchema, includedSchema } from './schema.ts';
import { isPointer } from './secrets.ts';
import { type Entry, isEmpty, type Mapping } from './yaml-tree.ts';

/** The keys of the whole file that are no lists of things. */
export interface TopKeys {
  readonly mode: 'publish' | 'report';
  readonly notify?: string;
}

const NO_RULE = {
  code: 'missing-key',
  message: 'there is no index rule here',
  next: 'indexes: [{ repositories: [HOST/*], platforms: [linux/amd64, linux/arm64] }]',
};

/** The file's outermost mapping, after its secrets were found; undefined, with the mistake reported, for anything else. */
export function topOf({ tree, report, secrets }: ReadFile): Mapping | undefined {
  if (!tree) return undefined;
  markSecrets(tree, secrets);
  if (tree.kind === 'map') return tree;
  if (isEmpty(tree)) report.add({ from: 0, to: 1 }, NO_RULE);
  else
    report.add(tree.range, { code: 'wrong-type', message: 'this file is a mapping', next: 'indexes: [...]' });
  return undefined;
}

export function readTop(top: Mapping, file: ReadFile): TopKeys {
  const { report } = file;
  const notify = top.entries.get('notify');
  const leaks = notify !== undefined && holdsSecret('notify', notify.value);
  if (leaks) {
    report.add(notify.keyRange, {
      code: 'secret',
      message: 'an address for notifications does not belong into this file',
      next: 'notify: env:NOTIFY_URL   (the value is not shown, and should be changed if it was committed)',
    });
  }
  const elsewhere = ['registries', 'indexes', 'imports', ...(leaks ? ['notify'] : [])];
  const input = readObject(configSchema, top, { noun: 'archweave.yaml', ...file, elsewhere });
  if (!['indexes', 'imports', 'include'].some(key => top.entries.has(key))) {
    report.add({ from: 0, to: 1 }, NO_RULE);
  }
  const pointer = input?.notify !== undefined && isPointer(input.notify) ? { notify: input.notify } : {};
  return { mode: input?.mode ?? 'publish', ...pointer };
}

/** Files that an `include` means, read; nothing in one that is included is included further. */
export function readIncludes(
  entry: Entry | undefined,
  { report }: ReadFile,
  readIncluded:
    | ((pattern: string) => readonly { readonly file: string; readonly text: string }[])
    | undefined,
): readonly { readonly file: ReadFile; readonly top: Mapping | undefined }[] {
  if (!entry) return [];
  const places = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  return places.flatMap(place => {
    if (place.kind !== 'scalar' || typeof place.value !== 'string') return [];
    const files = readIncluded?.(place.value) ?? [];
    if (files.length === 0) {
      report.add(place.range, { code: 'no-file', message: `no file is called ${place.value}` });
    }
    return files.map(({ file: name, text }) => {
      const file = readYaml(name, text);
      const top = topOf(file);
      if (top)
        readObject(includedSchema, top, {
          noun: 'a file that is included',
          ...file,
          elsewhere: ['indexes', 'imports'],
        });
      return { file, top };
    });
  });
}
