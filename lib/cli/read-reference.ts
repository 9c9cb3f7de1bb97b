import { parseReference, type Reference } from '../image/reference.ts';
import type { Invocation } from './command.ts';
import { type RegistrySettings, readRegistrySettings } from './registry-settings.ts';
import type { Terminal } from './terminal.ts';

export interface ReadReference {
  readonly reference: Reference;
  readonly settings: RegistrySettings;
}

/** An operand as a reference; a registry may be named as archweave.yaml names it. Throws `bad-reference`. */
export async function readReference(text: string, invocation: Invocation): Promise<ReadReference> {
  const settings = await readRegistrySettings([text], invocation);
  const registries = Object.fromEntries(settings.map(({ name, host }) => [name, host]));
  return { reference: parseReference(text, { registries }), settings };
}

/** Where an image is meant and no tag is given, `latest` is; a note says so. */
export function withLatest(reference: Reference, terminal: Terminal): Reference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  terminal.note('note: no tag given, using latest');
  return { ...reference, tag: 'latest' };
}
