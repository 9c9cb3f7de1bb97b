import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { LiveCheck } from '../live-check.ts';
import { outcomeOf } from '../live-check.ts';

const NAMES = ['short', 'with/slash', 'x'.repeat(140)];

export const eventbridgeFifo: LiveCheck = {
  name: 'eventbridge-fifo',
  asks: 'A JSONPath as the message group of a FIFO target: resolved, literal or refused? And for names beyond 128?',
  async run(world) {
    const queue = await world.queue('group', { fifo: true, services: ['events.amazonaws.com'] });
    const source = world.prefix;
    const target = { Arn: queue.arn, SqsParameters: { MessageGroupId: '$.detail.name' } };
    const made = await outcomeOf(() => world.rule('group', { source: [source] }, target));
    const Entries = NAMES.map(name => ({
      Source: source,
      DetailType: 'live',
      Detail: JSON.stringify({ name }),
    }));
    await world.events.send(new PutEventsCommand({ Entries }));
    const seen = await world.messages(queue, NAMES.length);
    return [
      `the target: ${made}`,
      ...seen.map(({ Attributes, Body }) => {
        const { detail } = JSON.parse(Body ?? '{}') as { readonly detail?: { readonly name?: string } };
        return `a name of ${detail?.name?.length} characters came in the group ${Attributes?.MessageGroupId}`;
      }),
      `${seen.length} of ${NAMES.length} came`,
    ];
  },
};
