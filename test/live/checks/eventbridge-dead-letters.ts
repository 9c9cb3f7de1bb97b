import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { LiveCheck } from '../live-check.ts';

export const eventbridgeDeadLetters: LiveCheck = {
  name: 'eventbridge-dead-letters',
  asks: "Does a rule write to a dead-letter queue that has SQS's own encryption, and what does it say there?",
  async run(world) {
    // Nobody may send to it, so that delivery fails for good and at once.
    const closed = await world.queue('closed');
    const dead = await world.queue('dead', { services: ['events.amazonaws.com'] });
    const source = world.prefix;
    await world.rule('dead', { source: [source] }, { Arn: closed.arn, DeadLetterConfig: { Arn: dead.arn } });
    const Entries = [{ Source: source, DetailType: 'live', Detail: '{}' }];
    await world.events.send(new PutEventsCommand({ Entries }));
    const seen = await world.messages(dead, 1);
    return seen.length === 0
      ? ['no message came']
      : seen.flatMap(({ MessageAttributes = {} }) =>
          Object.entries(MessageAttributes).map(([name, { StringValue }]) => `${name}: ${StringValue}`),
        );
  },
};
