import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Copied, CopiedStore } from '../copied.ts';
import type { TargetRef } from '../interface.ts';
import { dynamoError } from './dynamo-error.ts';
import { documentOf } from './items.ts';
import { keyOf } from './keys.ts';

/** What imports copied, in the table of the ledger: an item a target. One execution at a time copies to a target. */
export class DynamoCopied implements CopiedStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async copied(target: TargetRef): Promise<Copied | undefined> {
    const input = { TableName: this.#table, Key: { ...keyOf('i', target) }, ConsistentRead: true };
    try {
      return documentOf<Copied>((await this.#client.send(new GetItemCommand(input))).Item);
    } catch (error) {
      throw dynamoError(error, `read the ledger ${this.#table}`);
    }
  }

  async setCopied(target: TargetRef, copied: Copied): Promise<void> {
    const Item = { ...keyOf('i', target), document: { S: JSON.stringify(copied) } };
    try {
      await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
    } catch (error) {
      throw dynamoError(error, `write the ledger ${this.#table}`);
    }
  }
}
