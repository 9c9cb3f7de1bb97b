import { describe, expect, it } from '@jest/globals';
import { createOrderedLog } from '../../../lib/server/ordered-log.ts';
import type { ServeEvent } from '../../../lib/server/serve-event.ts';
import { settled } from '../../support/manual-timers.ts';

const event = (at: number): ServeEvent => ({ at, kind: 'first-event', hook: 'h', registry: 'r' });

describe('createOrderedLog', () => {
  it('tells at once what is known, as long as nothing is waited for', () => {
    const told: number[] = [];
    const log = createOrderedLog(({ at }) => told.push(at));
    log.tell(event(1));
    log.tell(event(2));
    expect(told).toEqual([1, 2]);
  });

  it('lets those that are known wait for those that came before', async () => {
    const told: number[] = [];
    const log = createOrderedLog(({ at }) => told.push(at));
    const slow = Promise.withResolvers<ServeEvent>();
    const slower = Promise.withResolvers<ServeEvent>();
    log.tell(slow.promise);
    log.tell(event(2));
    log.tell(slower.promise);
    log.tell(event(4));
    slower.resolve(event(3));
    await settled();
    expect(told).toEqual([]);
    slow.resolve(event(1));
    await log.told();
    expect(told).toEqual([1, 2, 3, 4]);
    await settled();
    log.tell(event(5));
    expect(told).toEqual([1, 2, 3, 4, 5]);
  });
});
