import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoCopied } from '../../lib/ledger/dynamodb/dynamo-copied.ts';
import { DynamoLedger } from '../../lib/ledger/dynamodb/dynamo-ledger.ts';
import { DynamoPolls } from '../../lib/ledger/dynamodb/dynamo-polls.ts';
import { makeLedgerTable } from '../support/ledger-table.ts';
import { type RunningMinistack, startMinistack } from '../support/ministack.ts';
import { describeWith } from '../support/tools.ts';
import { ledgerContract, publishedOf, standingOf } from './ledger-contract.ts';

describeWith(['python3'], 'DynamoDB, emulated', () => {
  let stack: RunningMinistack;
  let client: DynamoDBClient;
  beforeAll(async () => {
    stack = await startMinistack();
    client = new DynamoDBClient({
      endpoint: stack.url,
      region: stack.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }, 180_000);
  afterAll(async () => {
    client?.destroy();
    await stack?.stop();
  });

  const open = async () => {
    const table = `ledger-${randomUUID()}`;
    await makeLedgerTable(client, table);
    return { ledger: new DynamoLedger(client, table), close: async () => {} };
  };

  ledgerContract('in DynamoDB', open);

  describe('beside what every ledger does', () => {
    const APP = standingOf().target;
    const other = { ...APP, tag: '1.1' };

    it('lists what was published in a time, and nothing else', async () => {
      const { ledger } = await open();
      await ledger.remember(APP, publishedOf(1), () => false);
      await ledger.remember(other, { ...publishedOf(2), at: '2026-11-22T11:00:00Z' }, () => false);
      await ledger.record(standingOf({ dueAt: '2026-11-22T10:01:31Z' }));
      const between = (from: string, to: string) =>
        ledger.publishedBetween(Date.parse(`2026-11-22T${from}Z`), Date.parse(`2026-11-22T${to}Z`));
      expect(await between('10:01:31', '10:59:59')).toEqual([APP]);
      expect(await between('10:00:00', '11:00:00')).toEqual([APP, other]);
      expect(await between('11:00:01', '12:00:00')).toEqual([]);
    });

    it('marks what was looked at, and a new standing leaves the mark alone', async () => {
      const { ledger } = await open();
      await ledger.mark(other, 'before any standing');
      await ledger.record(standingOf({ dueAt: '2026-11-22T10:00:00Z' }));
      await ledger.mark(APP, 'first');
      await ledger.record(standingOf({ state: 'held' }));
      expect(await ledger.marks(APP.registry, APP.repository)).toEqual(
        new Map([
          [APP.tag, 'first'],
          [other.tag, 'before any standing'],
        ]),
      );
      expect(await ledger.marks(APP.registry, 'team')).toEqual(new Map());
      expect(await ledger.standing(other)).toBeUndefined();
      expect(await ledger.standings()).toHaveLength(1);
    });

    it('knows under which rules a registry was swept', async () => {
      const { ledger } = await open();
      expect(await ledger.sweptRules('r')).toEqual(new Set());
      await ledger.setSwept('r', ['one']);
      await ledger.setSwept('r', ['one', 'two']);
      await ledger.setSwept('r', []);
      expect(await ledger.sweptRules('r')).toEqual(new Set(['one', 'two']));
      expect(await ledger.sweptRules('s')).toEqual(new Set());
    });

    it('remembers what polling saw, and since when under which rules', async () => {
      const table = `ledger-${randomUUID()}`;
      await makeLedgerTable(client, table);
      const polls = new DynamoPolls(client, table);
      const window = { tags: { '1.0': { pushedAt: '2026-11-22T10:00:00Z' } }, floor: '2026-11-22T09:00:00Z' };
      expect(await polls.windows('r')).toEqual(new Map());
      expect(await polls.polledSince('r', ['one'], '2026-11-22T10:00:00Z')).toBe('2026-11-22T10:00:00Z');
      expect(await polls.polledSince('r', ['one'], '2026-11-22T11:00:00Z')).toBe('2026-11-22T10:00:00Z');
      expect(await polls.polledSince('r', ['two', 'one'], '2026-11-22T12:00:00Z')).toBe(
        '2026-11-22T12:00:00Z',
      );
      expect(await polls.polledSince('r', ['one'], '2026-11-22T13:00:00Z')).toBe('2026-11-22T12:00:00Z');
      await polls.setWindow('r', 'team/app', window);
      await polls.setWindow('other', 'team/other', window);
      expect(await polls.windows('r')).toEqual(new Map([['team/app', window]]));
      const nowhere = new DynamoPolls(client, 'nobody-made-it').windows('r');
      await expect(nowhere).rejects.toMatchObject({ code: 'bad-config' });
    });

    it('keeps what imports copied to a target, beside what it keeps of indexes', async () => {
      const table = `ledger-${randomUUID()}`;
      await makeLedgerTable(client, table);
      const copied = new DynamoCopied(client, table);
      const ledger = new DynamoLedger(client, table);
      expect(await copied.copied(APP)).toBeUndefined();
      await ledger.remember(APP, publishedOf(1), () => false);
      await copied.setCopied(APP, { what: 'first', times: 1 });
      await copied.setCopied(APP, { what: 'second', times: 2 });
      expect(await copied.copied(APP)).toEqual({ what: 'second', times: 2 });
      expect(await copied.copied(other)).toBeUndefined();
      expect(await ledger.published(APP)).toEqual(publishedOf(1));
      expect(await ledger.standings()).toEqual([]);
      const nowhere = new DynamoCopied(client, 'nobody-made-it').copied(APP);
      await expect(nowhere).rejects.toMatchObject({ code: 'bad-config' });
    });

    it('gives back more than one page holds', async () => {
      const { ledger } = await open();
      const rule = 'x'.repeat(30_000);
      for (let n = 0; n < 50; n += 1)
        await ledger.record(
          standingOf({ target: { ...APP, tag: `t${n}` }, rule, dueAt: '2026-11-22T10:00:00Z' }),
        );
      expect(await ledger.standings()).toHaveLength(50);
      expect(await ledger.standings(APP)).toHaveLength(50);
      expect(await ledger.due('2026-11-22T10:00:00Z', 45)).toHaveLength(45);
    });

    it('says what is wrong where there is no such table', async () => {
      const ledger = new DynamoLedger(client, 'nobody-made-it');
      const wrong = expect.objectContaining({ code: 'bad-config', retryable: false });
      await expect(ledger.published(APP)).rejects.toEqual(wrong);
      await expect(ledger.remember(APP, publishedOf(1), () => false)).rejects.toEqual(wrong);
      await expect(ledger.due('2026-11-22T10:00:00Z', 1)).rejects.toEqual(wrong);
    });
  });
});
