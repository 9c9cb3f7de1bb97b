type Value = { readonly S?: string; readonly N?: string; readonly SS?: readonly string[] };
type Item = Readonly<Record<string, Value>>;
type Input = Readonly<Record<string, unknown>>;

/** A refusal as DynamoDB names it. */
export class DynamoFault extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * One table of DynamoDB in memory, with as much of its language as the ledger speaks; anything else is refused, so
 * that no test passes because of something that DynamoDB would not do.
 */
export class DynamoTable {
  readonly #items = new Map<string, Item>();

  answer(operation: string, input: Input): object {
    switch (operation) {
      case 'GetItem':
        return this.#found(keyOf(input.Key));
      case 'PutItem':
        return this.#put(input);
      case 'UpdateItem':
        return this.#update(input);
      case 'DeleteItem':
        this.#items.delete(keyOf(input.Key));
        return {};
      case 'Query':
        return this.#query(input);
      default:
        throw new DynamoFault('UnknownOperationException', operation);
    }
  }

  #found(key: string): object {
    const item = this.#items.get(key);
    return item === undefined ? {} : { Item: item };
  }

  #put({ Item: item, ConditionExpression, ExpressionAttributeValues }: Input): object {
    const key = keyOf(item);
    const before = this.#items.get(key);
    const values = valuesIn(ExpressionAttributeValues);
    const holds =
      ConditionExpression === undefined ||
      (ConditionExpression === 'attribute_not_exists(pk)' && before === undefined) ||
      (ConditionExpression === 'document = :before' && before?.document?.S === values[':before']?.S);
    if (!holds) throw new DynamoFault('ConditionalCheckFailedException', 'The conditional request failed');
    this.#items.set(key, item as Item);
    return {};
  }

  #update({ Key, UpdateExpression, ExpressionAttributeValues }: Input): object {
    const values = valuesIn(ExpressionAttributeValues);
    const changed: Record<string, Value> = { ...this.#items.get(keyOf(Key)), ...(Key as Item) };
    const updated: Record<string, Value> = {};
    for (const [, verb, list = ''] of String(UpdateExpression).matchAll(
      /(SET|REMOVE|ADD) (.*?)(?= (?:SET|REMOVE|ADD) |$)/g,
    )) {
      for (const part of list.split(', ')) {
        const [name = '', value = ''] = part.split(/ = | /);
        if (verb === 'REMOVE') delete changed[name];
        else {
          const next = verb === 'SET' ? values[value] : added(changed[name], values[value]);
          if (next === undefined) throw new DynamoFault('ValidationException', part);
          updated[name] = next;
          changed[name] = next;
        }
      }
    }
    this.#items.set(keyOf(Key), changed);
    return { Attributes: updated };
  }

  #query({ KeyConditionExpression, ExpressionAttributeValues }: Input): object {
    const values = valuesIn(ExpressionAttributeValues);
    const all = [...this.#items.values()];
    switch (KeyConditionExpression) {
      case 'pk = :pk AND begins_with(sk, :sk)': {
        const prefix = values[':sk']?.S ?? '';
        const fits = ({ pk, sk }: Item) => pk?.S === values[':pk']?.S && sk?.S?.startsWith(prefix);
        return { Items: all.filter(fits) };
      }
      case 'dueShard = :shard AND dueAt BETWEEN :from AND :to': {
        const [from, to] = [Number(values[':from']?.N), Number(values[':to']?.N)];
        const fits = ({ dueShard, dueAt }: Item) =>
          dueShard?.S === values[':shard']?.S && Number(dueAt?.N) >= from && Number(dueAt?.N) <= to;
        return { Items: all.filter(fits) };
      }
      default:
        throw new DynamoFault('ValidationException', String(KeyConditionExpression));
    }
  }
}

function added(before: Value | undefined, value: Value | undefined): Value | undefined {
  if (value?.SS !== undefined) return { SS: [...new Set([...(before?.SS ?? []), ...value.SS])] };
  return { N: String(Number(before?.N ?? 0) + Number(value?.N)) };
}

function keyOf(of: unknown): string {
  const { pk, sk } = of as Item;
  return JSON.stringify([pk?.S, sk?.S]);
}

function valuesIn(of: unknown): Readonly<Record<string, Value>> {
  return (of ?? {}) as Readonly<Record<string, Value>>;
}
