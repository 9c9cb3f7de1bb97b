import { acrImport } from './checks/acr-import.ts';
import { acrManifests } from './checks/acr-manifests.ts';
import { acrMovedTag } from './checks/acr-moved-tag.ts';
import { azureFederation } from './checks/azure-federation.ts';
import { ecrEvents } from './checks/ecr-events.ts';
import { ecrImmutable } from './checks/ecr-immutable.ts';
import { ecrLateWrite } from './checks/ecr-late-write.ts';
import { ecrManifests } from './checks/ecr-manifests.ts';
import { ecrUploadSession } from './checks/ecr-upload-session.ts';
import { ecrWriteQuota } from './checks/ecr-write-quota.ts';
import { eventGridHandshake } from './checks/event-grid-handshake.ts';
import { eventbridgeDeadLetters } from './checks/eventbridge-dead-letters.ts';
import { eventbridgeFifo } from './checks/eventbridge-fifo.ts';
import type { LiveCheck } from './live-check.ts';

/** What was read or remembered of the vendors and never seen on a real account. */
export const CHECKS: readonly LiveCheck[] = [
  ecrEvents,
  ecrManifests,
  ecrImmutable,
  ecrLateWrite,
  ecrUploadSession,
  ecrWriteQuota,
  eventbridgeFifo,
  eventbridgeDeadLetters,
  azureFederation,
  acrManifests,
  acrMovedTag,
  acrImport,
  eventGridHandshake,
];
