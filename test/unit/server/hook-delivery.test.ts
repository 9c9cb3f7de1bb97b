import { describe, expect, it } from '@jest/globals';
import { answerDelivery } from '../../../lib/server/hook-delivery.ts';
import { eventFixture } from '../../support/event-fixture.ts';

const delivery = {
  headers: { 'content-type': 'application/json' },
  body: eventFixture('acr-push'),
  registry: 'contoso.azurecr.io',
  receivedAt: '2026-11-22T10:00:00Z',
};

describe('answerDelivery', () => {
  it('waits until the events are taken', async () => {
    let taken = 0;
    const answer = await answerDelivery(delivery, async ({ pushes }) => {
      await Promise.resolve();
      taken = pushes.length;
    });
    expect([taken, answer]).toEqual([1, { status: 202, body: { accepted: 1, ignored: 0 } }]);
  });

  it('asks the sender to come again where they could not be taken, without a word about why', async () => {
    const answer = await answerDelivery(delivery, async () => {
      throw new TypeError('secret');
    });
    expect(answer).toEqual({
      status: 503,
      headers: { 'retry-after': '10' },
      body: { error: { code: 'internal', message: 'the event could not be taken now' } },
    });
  });
});
