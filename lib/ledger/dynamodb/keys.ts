import { createHash } from 'node:crypto';
import type { TargetRef } from '../interface.ts';
import { targetKey } from '../target-key.ts';
import { SHARDS } from './table.ts';

export type Kind = 'p' | 's' | 'h' | 'i';

export interface Key {
  readonly pk: { readonly S: string };
  readonly sk: { readonly S: string };
}

export function repositoryKey(registry: string, repository: string): string {
  return JSON.stringify([registry, repository]);
}

export function keyOf(kind: Kind, target: TargetRef, place = ''): Key {
  return {
    pk: { S: repositoryKey(target.registry, target.repository) },
    sk: { S: `${kind}#${target.tag}${place}` },
  };
}

export function sweptKey(registry: string): Key {
  return { pk: { S: JSON.stringify([registry]) }, sk: { S: 'swept' } };
}

/** What polling knows of a registry, or of one of its repositories. */
export function pollKey(registry: string, repository?: string): Key {
  const sk = repository === undefined ? 'polled' : `polled#${repository}`;
  return { pk: { S: JSON.stringify([registry]) }, sk: { S: sk } };
}

/** What a publication's key is about. */
export function targetOfKey(pk: string, sk: string): TargetRef {
  const [registry, repository] = JSON.parse(pk) as [string, string];
  return { registry, repository, tag: sk.slice(2) };
}

/** The part of the index that a target belongs to, the same at every time. */
export function shardOf(what: 'due' | 'published', target: TargetRef): string {
  const hash = createHash('sha256').update(targetKey(target)).digest();
  return shardName(what, hash.readUInt32BE(0) % SHARDS);
}

export function shardName(what: 'due' | 'published', number: number): string {
  return `${what}#${number}`;
}
