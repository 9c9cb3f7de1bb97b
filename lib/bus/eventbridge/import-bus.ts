import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { ImportEvent } from '../../import/import-event.ts';
import { openBus } from './open-bus.ts';
import { repositoryArn } from './repository-arn.ts';

/** Puts events of imports on a bus; their resources are the repositories at both ends that ECR has. */
export function openImportBus(client: EventBridgeClient, bus: string): (event: ImportEvent) => Promise<void> {
  const put = openBus(client, bus);
  return event => put({ ...event, resources: resourcesOf(event) });
}

function resourcesOf({ detail }: ImportEvent): readonly string[] {
  return [detail.source, detail.target]
    .map(place => place as { readonly registry: string; readonly repository: string })
    .flatMap(({ registry, repository }) => repositoryArn(registry, repository) ?? []);
}
