import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { TagWindow } from '../../events/recent-pushes.ts';
import type { PollStore } from '../polls.ts';
import { dynamoError } from './dynamo-error.ts';
import { documentOf } from './items.ts';
import { pollKey } from './keys.ts';
import { queryAll } from './pages.ts';

interface Begun {
  /** RFC 3339. */
  readonly since: string;
  readonly rules: readonly string[];
}

/**
 * What polling remembers, in the table of the ledger: an item a registry and one a repository. One process polls a
 * registry at a time; where two do, each finds what the other has stored, or finds it once more.
 */
export class DynamoPolls implements PollStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async polledSince(registry: string, rules: readonly string[], now: string): Promise<string> {
    const input = { TableName: this.#table, Key: { ...pollKey(registry) }, ConsistentRead: true };
    const { Item } = await this.#guard('read', () => this.#client.send(new GetItemCommand(input)));
    const before = documentOf<Begun>(Item);
    if (before !== undefined && rules.every(rule => before.rules.includes(rule))) return before.since;
    const known = new Set([...(before?.rules ?? []), ...rules]);
    await this.#put(registry, undefined, { since: now, rules: [...known].toSorted() } satisfies Begun);
    return now;
  }

  async windows(registry: string): Promise<ReadonlyMap<string, TagWindow>> {
    const { pk, sk } = pollKey(registry, '');
    const items = await this.#guard('read', () =>
      queryAll(this.#client, {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': { ...pk }, ':sk': { ...sk } },
        ConsistentRead: true,
      }),
    );
    return new Map(
      items.flatMap(item => {
        const window = documentOf<TagWindow>(item);
        const repository = item.sk?.S?.slice(sk.S.length);
        return window === undefined || repository === undefined ? [] : [[repository, window]];
      }),
    );
  }

  async setWindow(registry: string, repository: string, window: TagWindow): Promise<void> {
    await this.#put(registry, repository, window);
  }

  async #put(registry: string, repository: string | undefined, document: unknown): Promise<void> {
    const Item = { ...pollKey(registry, repository), document: { S: JSON.stringify(document) } };
    const input = { TableName: this.#table, Item };
    await this.#guard('write', () => this.#client.send(new PutItemCommand(input)));
  }

  async #guard<T>(verb: 'read' | 'write', work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw dynamoError(error, `${verb} the ledger ${this.#table}`);
    }
  }
}
