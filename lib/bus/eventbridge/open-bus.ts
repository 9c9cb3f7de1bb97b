import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ArchweaveError } from '../../errors.ts';
import type { OwnEvent } from '../own-event.ts';

/** Any of them: of indexes, or of imports. */
type BusEvent = Omit<OwnEvent, 'type'> & { readonly type: string };

/** Puts events of our own on a bus, by name or ARN. Rejects for one that the bus does not take. */
export function openBus(client: EventBridgeClient, bus: string): (event: BusEvent) => Promise<void> {
  return async ({ source, type, resources, time, detail }) => {
    const entry = {
      EventBusName: bus,
      Source: source,
      DetailType: type,
      Resources: [...resources],
      Time: new Date(time),
      Detail: JSON.stringify(detail),
    };
    const { FailedEntryCount = 0, Entries } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    if (FailedEntryCount === 0) return;
    throw new ArchweaveError({
      code: 'unreachable',
      attempt: `put "${type}" on the event bus`,
      reason: `EventBridge refuses it (${Entries?.[0]?.ErrorCode ?? 'without a code'})`,
      retryable: true,
    });
  };
}
