import { put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';
import { DIGEST, type HostileEvent, LONG, PASSED, refused, TAKEN } from './hostile-event.ts';

/** What somebody hostile sends as ACR, or as Event Grid. */
export function azureEvents(canary: string): HostileEvent[] {
  return [...acr(canary), ...eventGrid(canary)];
}

function acr(canary: string): HostileEvent[] {
  const event = (title: string, spoil: Spoil, answer: HostileEvent['answer']) => ({
    title: `ACR: ${title}`,
    body: spoiltEvent('acr-push', spoil),
    answer,
  });
  return [
    event('a host of its own', put('request.host', canary), TAKEN),
    event('an address of its own', put('target.url', `http://${canary}/v2/`), TAKEN),
    event('an action that nobody knows', put('action', '__proto__'), PASSED),
    event('an action that is a list', put('action', ['push']), refused('action is not a string')),
    event('a target that is text', put('target', 'x'), refused('target is not an object')),
    event('a tag with an end of line', put('target.tag', '1\r\nX-Evil: 1'), refused('target.tag is no tag')),
    event('a tag turned round', put('target.tag', '\u202e1'), refused('target.tag is no tag')),
    event('a digest that climbs', put('target.digest', `${DIGEST}/../x`), refused('target.digest is not')),
    event('a media type of half a megabyte', put('target.mediaType', LONG), PASSED),
    event('an id that forges a line', put('id', 'a\nb'), refused('id is not 1 to 256')),
    event('a time far away', put('timestamp', '+275760-09-13T00:00:00Z'), refused('timestamp is no time')),
    event('a ping with a target', put('action', 'ping'), PASSED),
  ];
}

function eventGrid(canary: string): HostileEvent[] {
  const event = (title: string, spoil: Spoil, answer: HostileEvent['answer'], name = 'event-grid-push') => ({
    title: `Event Grid: ${title}`,
    body: spoiltEvent(name, spoil),
    answer,
  });
  const cloud = (title: string, spoil: Spoil, answer: HostileEvent['answer']) =>
    event(`as a CloudEvent, ${title}`, spoil, answer, 'event-grid-cloud-event');
  const validation = (title: string, spoil: Spoil, answer: HostileEvent['answer']) =>
    event(`introduction with ${title}`, spoil, answer, 'event-grid-validation');
  return [
    event('a topic of its own', put('0.topic', `http://${canary}/registries/evil`), TAKEN),
    event('a subject of its own', put('0.subject', `${canary}/app:1`), TAKEN),
    event('a host of its own', put('0.data.request.host', canary), TAKEN),
    event('no events', () => [], refused('it is an empty list')),
    event('events that are texts', () => ['x', 'y'], refused('[0] is not an object')),
    event('a type that is an object', put('0.eventType', {}), refused('[0].eventType is not a string')),
    event('a type by inheritance', put('0.eventType', 'constructor'), PASSED),
    event('data that is text', put('0.data', 'x'), refused('[0].data is not an object')),
    event('an action that contradicts its type', put('0.data.action', 'delete'), TAKEN),
    event('a tag that climbs', put('0.data.target.tag', '../x'), refused('[0].data.target.tag is no tag')),
    event('a thousand events, one of them good', manyGridEvents, [202, '1 accepted, 999 ignored']),
    cloud('a version to come', put('specversion', '1.1'), refused('specversion is not 1.0')),
    cloud('a source of its own', put('source', `http://${canary}/`), TAKEN),
    cloud('data that is a list', put('data', []), refused('data is not an object')),
    cloud('a type that is none of its own', put('type', 'Microsoft.Evil'), PASSED),
    validation('an address to be called at', put('0.data.validationUrl', `http://${canary}/validate`), [
      200,
      'validated 512d38b6-c7b8-40c8-89fe-f46f9e9622b6',
    ]),
    validation(
      'a code with markup',
      put('0.data.validationCode', '<script>\n'),
      refused('[0].data.validationCode'),
    ),
    validation('no code', put('0.data', {}), refused('[0].data.validationCode is missing')),
  ];
}

const manyGridEvents: Spoil = ([good]) =>
  Array.from({ length: 1_000 }, (_, at) => (at === 999 ? good : { ...good, data: { action: 'push' } }));
