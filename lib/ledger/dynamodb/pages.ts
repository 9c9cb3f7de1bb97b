import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/** A query without its table. */
export type Asking = Omit<QueryCommandInput, 'TableName'> & { readonly atMost?: number };

/** All pages of a query, or as many as it takes for `atMost` items. */
export async function queryAll(
  client: DynamoDBClient,
  { atMost = Number.POSITIVE_INFINITY, ...input }: Asking & { readonly TableName: string },
): Promise<readonly Item[]> {
  if (atMost === 0) return [];
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page: QueryCommandInput = {
      ...input,
      ...(Number.isFinite(atMost) ? { Limit: atMost - items.length } : {}),
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    };
    const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand(page));
    items.push(...Items);
    from = LastEvaluatedKey;
  } while (from !== undefined && items.length < atMost);
  return items;
}

/** Every item that the filter lets through; reads the whole table, so it is for people's lists only. */
export async function scanAll(client: DynamoDBClient, input: ScanCommandInput): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = { ...input, ...(from === undefined ? {} : { ExclusiveStartKey: from }) };
    const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand(page));
    items.push(...Items);
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}
