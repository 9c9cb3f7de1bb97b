import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { billOf, billTable, usageOf } from '../../bench/support/bill.ts';
import { type IndexLives, startIndexLives } from '../support/index-life.ts';

/**
 * What an index costs in calls, through the bundled functions. Registries count calls, and AWS sends a bill for most of
 * the others: a number that is higher here is higher for everybody, at each push.
 */
describe('the life of an index on AWS', () => {
  let lives: IndexLives;
  beforeAll(async () => {
    lives = await startIndexLives();
  }, 120_000);
  afterAll(() => lives?.stop());

  it('costs these calls, and no other, where a cold function takes the last push', async () => {
    const steps = await lives.live('1.0', { coldLastPush: true });
    expect(steps.map(({ step, assemble }) => [step, assemble])).toEqual([
      [
        'first push',
        {
          'ECR.BatchGetImage': 1,
          'ECR.DescribeRepositories': 1,
          'ECR.GetDownloadUrlForLayer': 1,
          'DynamoDB.GetItem': 2,
          'DynamoDB.PutItem': 1,
          'DynamoDB.UpdateItem': 2,
        },
      ],
      [
        'last push',
        {
          'ECR.BatchGetImage': 2,
          'ECR.DescribeRepositories': 1,
          'ECR.GetDownloadUrlForLayer': 2,
          'ECR.PutImage': 1,
          'DynamoDB.GetItem': 3,
          'DynamoDB.PutItem': 2,
          'DynamoDB.Query': 1,
          'DynamoDB.UpdateItem': 2,
          'EventBridge.PutEvents': 1,
        },
      ],
      ['own push', { 'ECR.BatchGetImage': 1, 'DynamoDB.GetItem': 2, 'DynamoDB.UpdateItem': 2 }],
      ['later look', { 'ECR.BatchGetImage': 1, 'DynamoDB.GetItem': 2, 'DynamoDB.UpdateItem': 1 }],
    ]);
    for (const { receive } of steps) expect(receive).toEqual({ 'SQS.SendMessageBatch': 1 });
  });

  it('costs less where the functions are warm: what a config says is read once', async () => {
    const steps = await lives.live('2.0');
    const total = (call: string) => steps.reduce((sum, { assemble }) => sum + (assemble[call] ?? 0), 0);
    expect(total('ECR.PutImage')).toBe(1);
    expect(total('ECR.GetDownloadUrlForLayer')).toBe(2);
    expect(total('ECR.DescribeRepositories')).toBe(0);
    expect(total('ECR.BatchGetImage')).toBe(5);
  });

  it('is what docs/aws.md makes its bill of', async () => {
    const page = readFileSync(new URL('../../docs/aws.md', import.meta.url), 'utf8');
    const rows = billTable(billOf(usageOf(await lives.live('4.0')))).split('\n');
    // A log has times and ids in it, so its size is never quite the same.
    const exact = rows.filter(row => !/^\| (logs|\*\*together)/.test(row));
    for (const row of exact) expect(page).toContain(`${row}\n`);
    expect(page).toMatch(/^\| logs \| \d+\.\d GB \|/m);
  });

  it('logs a line for a decision and little else', async () => {
    const steps = await lives.live('3.0');
    for (const { logged } of steps) expect(logged).toBeLessThan(2_000);
  });
});
