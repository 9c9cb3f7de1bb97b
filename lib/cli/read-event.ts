import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEcr } from '../events/parse-ecr.ts';
import { parseEvent } from '../events/parse-event.ts';
import type { ParsedEvents } from '../events/parsed-events.ts';
import { ecrHost } from '../registry/ecr/ecr-host.ts';
import type { Config } from '../rules/load.ts';
import type { Invocation } from './command.ts';
import { CALLERS_OWN } from './open-registry.ts';
import { mistake } from './parse-arguments.ts';

export interface ReadEvent extends ParsedEvents {
  /** For people: `ecr`, `harbor`. */
  readonly dialect: string;
}

/**
 * The event in a file, `-` being stdin, in any dialect that archweave knows. ECR's tells its registry; for the others
 * it is `host`, or the only registry of archweave.yaml that is none of ECR.
 *
 * Throws `bad-event`, and `bad-argument` where the registry cannot be told.
 */
export function readEvent(
  file: string,
  { cwd, now }: Pick<Invocation, 'cwd' | 'now'>,
  { host, config }: { readonly host?: string | undefined; readonly config?: Config | undefined },
): ReadEvent {
  const bytes = readBytes(file, cwd);
  const value = objectIn(bytes);
  if (value.source === 'aws.ecr') return { dialect: 'ecr', ...parseEcr(value) };
  const registry = host ?? onlyRegistry(config);
  if (registry === undefined) {
    throw mistake(
      'this event does not tell which registry it is from.',
      `archweave plan REGISTRY --event ${file}   (its name in archweave.yaml, or its host)`,
    );
  }
  const receivedAt = new Date(now()).toISOString();
  return { dialect: dialectOf(value), ...parseEvent(bytes, {}, { registry, receivedAt }) };
}

function readBytes(file: string, cwd: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? 0 : resolve(cwd, file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw mistake(`--event ${file} cannot be read${code === undefined ? '' : ` (${code})`}.`);
  }
}

/** Empty for what is no object: the parsers say what is wrong with that. */
function objectIn(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function onlyRegistry(config: Config | undefined): string | undefined {
  const others = (config?.registries ?? []).filter(
    ({ host }) => host !== CALLERS_OWN && ecrHost(host) === undefined,
  );
  return others.length === 1 ? others[0]!.host : undefined;
}

/** A word for people; what an event means is for the parsers to say. */
function dialectOf(value: Readonly<Record<string, unknown>>): string {
  const type = String(value.type ?? value.eventType ?? '');
  if ('events' in value) return 'distribution';
  if ('event_data' in value || type.startsWith('harbor.')) return 'harbor';
  return type.startsWith('zotregistry.') ? 'zot' : 'acr';
}
