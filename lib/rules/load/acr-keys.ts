import { isAcrHost } from '../acr-host.ts';
import type { AcrSettings } from '../acr-settings.ts';
import { parseDuration } from '../duration.ts';
import { eventGridApplication } from '../event-grid-application.ts';
import type { Report } from './report.ts';
import type { RegistryInput } from './schema.ts';
import { isPointer } from './secrets.ts';
import type { Mapping } from './yaml-tree.ts';

const KEYS = [
  'events',
  'poll',
  'tenant',
  'clientId',
  'readClientId',
  'resource',
  'hook',
  'audience',
  'subscription',
] as const;

/** Reads them, and says what does not fit: a key for another kind of registry, or one that the others rule out. */
export function readAcrKeys(
  host: string,
  input: Partial<RegistryInput>,
  value: Mapping,
  report: Report,
): AcrSettings {
  const refuse = (key: string, message: string, next?: string) =>
    report.add(value.entries.get(key)!.keyRange, {
      code: 'bad-value',
      message,
      ...(next === undefined ? {} : { next }),
    });
  const given = KEYS.filter(key => input[key] !== undefined);
  if (!isAcrHost(host)) {
    const by = `${host} announces its pushes by itself`;
    for (const key of given) refuse(key, `"${key}" is for ACR; ${key === 'events' ? by : `${host} is none`}`);
    return {};
  }
  const { events = 'poll', poll, hook, ...others } = input;
  if (poll !== undefined && events !== 'poll')
    refuse('poll', `"poll" is how often to ask, and "events: ${events}" does not ask`);
  if (poll !== undefined && parseDuration(poll) === 0)
    refuse('poll', '"poll" needs some time between two looks', 'poll: 1m');
  if (hook !== undefined && events === 'poll')
    refuse('hook', '"hook" is the secret of a way in, and "events: poll" has none', 'events: webhook');
  for (const key of ['audience', 'subscription'] as const)
    if (input[key] !== undefined && events !== 'event-grid')
      refuse(key, `"${key}" is for "events: event-grid"`, 'events: event-grid');
  if (input.audience !== undefined && eventGridApplication(host) === undefined)
    refuse(
      'audience',
      'who Event Grid is in this cloud is not known; let it send a secret',
      'hook: secretsmanager:ARN',
    );
  if (input.resource !== undefined && resourceName(input.resource) !== resourceName(host))
    report.add(value.entries.get('resource')!.value.range, {
      code: 'bad-value',
      message: `it is of the registry ${input.resource.split('/').at(-1)}, and the host is ${host}`,
      next: `az acr show --name ${resourceName(host)} --query id`,
    });
  refuseHalfAnIdentity(value, report);
  const { tenant, clientId, readClientId, resource, audience, subscription, account, region } = others;
  return {
    ...(input.events === undefined ? {} : { events }),
    ...(poll === undefined ? {} : { poll: parseDuration(poll)! }),
    ...(tenant === undefined ? {} : { tenant: tenant.toLowerCase() }),
    ...(clientId === undefined ? {} : { clientId: clientId.toLowerCase() }),
    ...(readClientId === undefined ? {} : { readClientId: readClientId.toLowerCase() }),
    ...(resource === undefined ? {} : { resource }),
    ...(hook !== undefined && isPointer(hook) ? { hook } : {}),
    ...(audience === undefined ? {} : { audience }),
    ...(subscription === undefined ? {} : { subscription }),
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
  };
}

/** The name of a registry by its resource or its host; a host may have a hash after it (`contoso-a1b2c3`). */
function resourceName(text: string): string {
  return text.split('/').at(-1)!.split('.')[0]!.replace(/-.*/, '').toLowerCase();
}

function refuseHalfAnIdentity({ entries }: Mapping, report: Report): void {
  const [there, missing] = entries.has('tenant') ? ['tenant', 'clientId'] : ['clientId', 'tenant'];
  if (!entries.has(there!) || entries.has(missing!)) return;
  report.add(entries.get(there!)!.keyRange, {
    code: 'missing-key',
    message: `"${there}" needs "${missing}" next to it`,
  });
}
