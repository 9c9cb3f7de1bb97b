import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { HISTORY_KEPT } from '../due-time.ts';
import type { HistoryEntry, TargetRef } from '../interface.ts';
import { type Key, keyOf } from './keys.ts';
import { HISTORY_LIFE } from './table.ts';

export type Item = Record<string, AttributeValue>;

/** Places are written round and round, so that a history never grows and nothing has to be deleted. */
export function historyItem(target: TargetRef, entry: HistoryEntry, number: number): Item {
  const place = String(number % HISTORY_KEPT).padStart(2, '0');
  return {
    ...keyOf('h', target, `#${place}`),
    document: { S: JSON.stringify(entry) },
    number: { N: String(number) },
    ttl: { N: String(Math.ceil((Date.parse(entry.at) + HISTORY_LIFE) / 1000)) },
  };
}

/** What is stored of it, as it was given; undefined where there is only a mark. */
export function documentOf<T>(item: Item | undefined): T | undefined {
  const text = item?.document?.S;
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

export function valuesOf({ pk, sk }: Key): Item {
  return { ':pk': { ...pk }, ':sk': { ...sk } };
}
