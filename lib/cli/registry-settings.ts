import type { Invocation } from './command.ts';

/** What archweave.yaml says about registries, as far as a single command needs it. */
export type RegistrySettings = readonly RegistrySetting[];

export interface RegistrySetting {
  readonly name: string;
  readonly host: string;
  readonly plainHttp?: boolean;
  /** A pointer such as `env:VAR`, never a value. */
  readonly credentials?: string;
}

export async function readRegistrySettings(
  _texts: readonly string[],
  _invocation: Invocation,
): Promise<RegistrySettings> {
  return [];
}
