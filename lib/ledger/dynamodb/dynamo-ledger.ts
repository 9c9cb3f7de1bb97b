import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { compareTargets } from '../compare-targets.ts';
import { dueTime } from '../due-time.ts';
import type { HistoryEntry, Ledger, Published, Standing, TargetRef } from '../interface.ts';
import type { MarkStore, PublishedList } from '../marks.ts';
import { dynamoError } from './dynamo-error.ts';
import { documentOf, historyItem, type Item, valuesOf } from './items.ts';
import {
  type Key,
  type Kind,
  keyOf,
  repositoryKey,
  shardName,
  shardOf,
  sweptKey,
  targetOfKey,
} from './keys.ts';
import { type Asking, queryAll, scanAll } from './pages.ts';
import { SHARDS } from './table.ts';

/**
 * A ledger in one table of DynamoDB (table.ts says how it is made), shared by any number of processes.
 *
 * `remember` is atomic for a target: it is written only if the item is still what was read, else it is read again.
 * Reads of single items are consistent; `due`, `publishedBetween` and lists may be a moment behind.
 *
 * Errors: `throttled`, `unreachable`, `registry-failed` (retryable), `forbidden`, `bad-config` (no such table).
 */
export class DynamoLedger implements Ledger, MarkStore, PublishedList {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async published(target: TargetRef): Promise<Published | undefined> {
    return documentOf<Published>(await this.#get('p', target));
  }

  async remember(
    target: TargetRef,
    next: Published,
    keeps: (stored: Published) => boolean,
  ): Promise<Published> {
    const document = JSON.stringify(next);
    const item = {
      ...keyOf('p', target),
      document: { S: document },
      dueShard: { S: shardOf('published', target) },
      dueAt: { N: String(Date.parse(next.at)) },
    };
    for (;;) {
      const before = (await this.#get('p', target))?.document?.S;
      const stored = before === undefined ? undefined : (JSON.parse(before) as Published);
      if (stored !== undefined && keeps(stored)) return stored;
      if (before === document || (await this.#putIf(item, before))) return next;
    }
  }

  async forget(target: TargetRef): Promise<void> {
    const input = { TableName: this.#table, Key: { ...keyOf('p', target) } };
    await this.#guard('write', () => this.#client.send(new DeleteItemCommand(input)));
  }

  async standing(target: TargetRef): Promise<Standing | undefined> {
    return documentOf<Standing>(await this.#get('s', target));
  }

  async record(standing: Standing, entry?: HistoryEntry): Promise<void> {
    const { target } = standing;
    const due = dueTime(standing);
    const values: Item = { ':document': { S: JSON.stringify(standing) } };
    const set = ['document = :document'];
    if (due !== undefined) {
      set.push('dueShard = :shard', 'dueAt = :at');
      values[':shard'] = { S: shardOf('due', target) };
      values[':at'] = { N: String(due) };
    }
    if (entry !== undefined) values[':one'] = { N: '1' };
    const remove = due === undefined ? ' REMOVE dueShard, dueAt' : '';
    const add = entry === undefined ? '' : ' ADD entries :one';
    const expression = `SET ${set.join(', ')}${remove}${add}`;
    const { Attributes } = await this.#update(keyOf('s', target), expression, values);
    if (entry !== undefined) await this.#addEntry(target, entry, Number(Attributes?.entries?.N));
  }

  async history(target: TargetRef, limit: number): Promise<readonly HistoryEntry[]> {
    const items = await this.#query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: valuesOf(keyOf('h', target, '#')),
      ConsistentRead: true,
    });
    return items
      .toSorted((a, b) => Number(b.number?.N) - Number(a.number?.N))
      .slice(0, Math.max(0, limit))
      .flatMap(item => documentOf<HistoryEntry>(item) ?? []);
  }

  async standings(
    scope: { readonly registry?: string; readonly repository?: string } = {},
  ): Promise<readonly Standing[]> {
    const { registry, repository } = scope;
    const items =
      registry !== undefined && repository !== undefined
        ? await this.#ofRepository(registry, repository)
        : await this.#guard('read', () =>
            scanAll(this.#client, {
              TableName: this.#table,
              FilterExpression: 'begins_with(sk, :sk)',
              ExpressionAttributeValues: { ':sk': { S: 's#' } },
            }),
          );
    return items
      .flatMap(item => documentOf<Standing>(item) ?? [])
      .filter(({ target }) => registry === undefined || target.registry === registry)
      .filter(({ target }) => repository === undefined || target.repository === repository)
      .toSorted((a, b) => compareTargets(a.target, b.target));
  }

  async due(now: string, limit: number): Promise<readonly Standing[]> {
    const items = await this.#ofIndex('due', 0, Date.parse(now), Math.max(0, limit));
    return items.slice(0, Math.max(0, limit)).flatMap(item => documentOf<Standing>(item) ?? []);
  }

  async publishedBetween(from: number, to: number): Promise<readonly TargetRef[]> {
    const items = await this.#ofIndex('published', from, to);
    return items.map(({ pk, sk }) => targetOfKey(pk?.S ?? '', sk?.S ?? ''));
  }

  async mark(target: TargetRef, mark: string): Promise<void> {
    await this.#update(keyOf('s', target), 'SET seenMark = :mark', { ':mark': { S: mark } });
  }

  async marks(registry: string, repository: string): Promise<ReadonlyMap<string, string>> {
    const items = await this.#ofRepository(registry, repository);
    return new Map(
      items.flatMap(({ sk, seenMark }) =>
        seenMark?.S === undefined ? [] : [[sk?.S?.slice(2) ?? '', seenMark.S]],
      ),
    );
  }

  async sweptRules(registry: string): Promise<ReadonlySet<string>> {
    const input = { TableName: this.#table, Key: { ...sweptKey(registry) } };
    const { Item } = await this.#guard('read', () => this.#client.send(new GetItemCommand(input)));
    return new Set(Item?.sweptRules?.SS ?? []);
  }

  async setSwept(registry: string, rules: readonly string[]): Promise<void> {
    if (rules.length === 0) return;
    await this.#update(sweptKey(registry), 'ADD sweptRules :rules', {
      ':rules': { SS: [...new Set(rules)] },
    });
  }

  async #addEntry(target: TargetRef, entry: HistoryEntry, number: number): Promise<void> {
    const item = historyItem(target, entry, number);
    await this.#guard('write', () =>
      this.#client.send(new PutItemCommand({ TableName: this.#table, Item: item })),
    );
  }

  async #get(kind: Kind, target: TargetRef): Promise<Item | undefined> {
    const input = { TableName: this.#table, Key: { ...keyOf(kind, target) }, ConsistentRead: true };
    return (await this.#guard('read', () => this.#client.send(new GetItemCommand(input)))).Item;
  }

  /** Whether it was written: only if the item still is what was read, or is still not there. */
  async #putIf(item: Item, before: string | undefined): Promise<boolean> {
    const condition =
      before === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: 'document = :before',
            ExpressionAttributeValues: { ':before': { S: before } },
          };
    const input = { TableName: this.#table, Item: item, ...condition };
    try {
      await this.#client.send(new PutItemCommand(input));
      return true;
    } catch (error) {
      if ((error as { name?: string }).name === 'ConditionalCheckFailedException') return false;
      throw dynamoError(error, `write the ledger ${this.#table}`);
    }
  }

  #update(key: Key, expression: string, values: Item) {
    const input = {
      TableName: this.#table,
      Key: { ...key },
      UpdateExpression: expression,
      ExpressionAttributeValues: values,
      ReturnValues: 'UPDATED_NEW' as const,
    };
    return this.#guard('write', () => this.#client.send(new UpdateItemCommand(input)));
  }

  #ofRepository(registry: string, repository: string): Promise<readonly Item[]> {
    return this.#query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: repositoryKey(registry, repository) }, ':sk': { S: 's#' } },
    });
  }

  async #ofIndex(
    what: 'due' | 'published',
    from: number,
    to: number,
    limit?: number,
  ): Promise<readonly Item[]> {
    const shards = Array.from({ length: SHARDS }, (_, number) =>
      this.#query({
        IndexName: 'due',
        KeyConditionExpression: 'dueShard = :shard AND dueAt BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':shard': { S: shardName(what, number) },
          ':from': { N: String(from) },
          ':to': { N: String(to) },
        },
        ...(limit === undefined ? {} : { atMost: limit }),
      }),
    );
    const items = (await Promise.all(shards)).flat();
    return items.toSorted((a, b) => Number(a.dueAt?.N) - Number(b.dueAt?.N));
  }

  #query(asking: Asking): Promise<readonly Item[]> {
    return this.#guard('read', () => queryAll(this.#client, { TableName: this.#table, ...asking }));
  }

  async #guard<T>(verb: 'read' | 'write', work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw dynamoError(error, `${verb} the ledger ${this.#table}`);
    }
  }
}
