import { describe, expect, it } from '@jest/globals';
import { billOf, billTable, usageOf } from '../bench/support/bill.ts';
import { fillMarked } from '../bench/support/fill-marked.ts';
import { ASSUMED, PRICES } from '../bench/support/prices.ts';
import type { CountedStep } from './support/index-life.ts';

const step = (name: string, over: Partial<CountedStep> = {}): CountedStep => ({
  step: name,
  receive: { 'SQS.SendMessageBatch': 1 },
  assemble: {},
  calls: [],
  logged: 0,
  ...over,
});
const dynamo = (operation: string, input: Readonly<Record<string, unknown>>) => ({
  service: 'DynamoDB' as const,
  operation,
  input,
});

describe('the bill', () => {
  it('counts a later look as often as there are later looks, without a run of receive', () => {
    const usage = usageOf([step('first push'), step('last push'), step('own push'), step('later look')]);
    expect(usage.receive.runs).toBe(3);
    expect(usage.assemble.runs).toBe(3 + ASSUMED.laterLooks);
    expect(usage.fifoRequests).toBe(3 * (3 + ASSUMED.laterLooks));
  });

  it('counts a kilobyte of a write as a unit, and twice where the index has it too', () => {
    const large = { S: 'x'.repeat(1_500) };
    const calls = [
      dynamo('PutItem', { Item: { pk: { S: 'a' } } }),
      dynamo('PutItem', { Item: { document: large } }),
      dynamo('PutItem', { Item: { dueShard: { S: 'a' }, document: large } }),
      dynamo('UpdateItem', { UpdateExpression: 'SET a = :a REMOVE dueShard', ExpressionAttributeValues: {} }),
      dynamo('GetItem', {}),
      dynamo('Query', {}),
    ];
    const usage = usageOf([step('first push', { calls }), step('later look')]);
    expect(usage).toMatchObject({ writeUnits: 1 + 2 + 4 + 2, readUnits: 2 });
  });

  it('is that of half a million indexes for a million pushes, and sums up', () => {
    const usage = usageOf([
      step('first push', { assemble: { 'EventBridge.PutEvents': 1 } }),
      step('later look'),
    ]);
    const lines = billOf(usage);
    expect(lines.find(({ item }) => item === 'own events')?.dollars).toBeCloseTo(PRICES.customEvent * 5e5);
    const total = lines.reduce((sum, { dollars }) => sum + dollars, 0);
    expect(billTable(lines).split('\n').at(-1)).toBe(`| **together** |  | ${total.toFixed(2)} |`);
  });
});

describe('a marked place in a page', () => {
  it('is filled, again and again', () => {
    const page = 'a\n<!-- x -->\nold\n<!-- /x -->\nb\n';
    const filled = fillMarked(page, 'x', 'new');
    expect(filled).toBe('a\n<!-- x -->\nnew\n<!-- /x -->\nb\n');
    expect(fillMarked(filled!, 'x', 'new')).toBe(filled);
  });

  it('that is not there is told', () => {
    expect(fillMarked('a <!-- x --> b', 'x', 'new')).toBeUndefined();
  });
});
