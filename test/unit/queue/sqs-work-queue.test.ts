import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from '@jest/globals';
import { SqsWorkQueue } from '../../../lib/queue/sqs/sqs-work-queue.ts';

interface Call {
  readonly QueueUrl: string;
  readonly Entries: readonly { readonly Id: string; readonly [field: string]: unknown }[];
}
type Failed = { readonly Id: string; readonly Code: string; readonly SenderFault: boolean };

/** A client that takes everything, but what `refuse` says of a call, counted from 0. */
function setUp(refuse: (call: number, input: Call) => readonly Failed[] = () => []) {
  const calls: Call[] = [];
  const client = {
    send: async ({ input }: { readonly input: Call }) => {
      calls.push(input);
      return { Failed: refuse(calls.length - 1, input) };
    },
  } as unknown as SQSClient;
  return { calls, queue: new SqsWorkQueue(client, { work: 'work', dead: 'dead' }) };
}
const messages = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ body: `b${at}`, group: 'g', deduplication: `d${at}` }));
const taken = { id: 'm1', body: 'b', group: 'g', receipt: 'r1', receives: 1 };

describe('SqsWorkQueue', () => {
  it('sends ten messages a call, in their order', async () => {
    const { queue, calls } = setUp();
    await queue.send(messages(23));
    expect(calls.map(({ Entries }) => Entries.length)).toEqual([10, 10, 3]);
    expect(calls.flatMap(({ Entries }) => Entries.map(entry => entry.MessageBody))).toEqual(
      messages(23).map(({ body }) => body),
    );
  });

  it('sends once more what SQS did not take by its own fault', async () => {
    const refused: Failed = { Id: '1', Code: 'InternalError', SenderFault: false };
    const { queue, calls } = setUp(call => (call === 0 ? [refused] : []));
    await queue.send(messages(3));
    expect(calls.map(({ Entries }) => Entries.map(({ MessageBody }) => MessageBody))).toEqual([
      ['b0', 'b1', 'b2'],
      ['b1'],
    ]);
  });

  it.each([
    ['twice', false],
    ['by our own fault', true],
  ])('fails where a message is refused %s', async (_, SenderFault) => {
    const { queue } = setUp(() => [{ Id: '0', Code: 'Nope', SenderFault }]);
    await expect(queue.send(messages(1))).rejects.toMatchObject({ code: 'unreachable', retryable: true });
  });

  it('buries a copy under its own id, with a reason that SQS takes', async () => {
    const { queue, calls } = setUp();
    await queue.bury([taken], { code: 'forbidden', message: `no${'\u0000'}\u202e${'x'.repeat(2_000)}` });
    expect(calls[0]).toMatchObject({
      QueueUrl: 'dead',
      Entries: [{ MessageBody: 'b', MessageGroupId: 'g', MessageDeduplicationId: 'm1' }],
    });
    const { code, reason, receives } = calls[0]!.Entries[0]!.MessageAttributes as Record<
      string,
      { StringValue: string }
    >;
    expect(code!.StringValue).toBe('forbidden');
    expect(receives!.StringValue).toBe('1');
    expect(reason!.StringValue).toMatch(/^no\?\?x{996}$/);
  });

  it('hides messages for as long as is said, and fails where one was not hidden', async () => {
    const { queue, calls } = setUp(call =>
      call === 0 ? [] : [{ Id: '0', Code: 'Gone', SenderFault: true }],
    );
    await queue.postpone([taken], 45);
    expect(calls[0]?.Entries).toEqual([{ Id: '0', ReceiptHandle: 'r1', VisibilityTimeout: 45 }]);
    await expect(queue.postpone([taken], 45)).rejects.toMatchObject({ reason: 'SQS refuses it (Gone)' });
  });
});
