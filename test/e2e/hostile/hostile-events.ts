import { put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';
import { azureEvents } from './hostile-azure-events.ts';
import { DIGEST, type HostileEvent, LONG, PASSED, refused, TAKEN } from './hostile-event.ts';

/**
 * What somebody sends who has the hook's token, or has it not, and what is answered. `canary` is a server of theirs
 * that nobody has configured.
 */
export function hostileEvents(canary: string): readonly HostileEvent[] {
  return [
    ...bodies(),
    ...distribution(canary),
    ...harbor(canary),
    ...zot(canary),
    ...azureEvents(canary),
    ...repositoryNames(canary),
  ];
}

function bodies(): HostileEvent[] {
  const raw = (title: string, body: string | Uint8Array, answer: HostileEvent['answer'], more = {}) => ({
    title,
    body: Buffer.from(body as string),
    answer,
    ...more,
  });
  const noJson = refused('it is not JSON');
  const noObject = refused('it is not a JSON object');
  const headers = (more: Record<string, string>) => ({ headers: more });
  return [
    raw('nothing', '', noJson),
    raw('half an object', '{"events":[', noJson),
    raw('bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), noJson),
    raw('UTF-16', Buffer.from('{"events":[]}', 'utf16le'), noJson),
    raw('a number that JSON has not', '{"events":NaN}', noJson),
    raw('null', 'null', noObject),
    raw('a text', '"events"', noObject),
    raw(
      'lists in lists, 100,000 deep',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      refused('[0] is not an object'),
    ),
    raw(
      'objects in objects, 50,000 deep',
      `${'{"events":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
      refused('events is not a list'),
    ),
    raw('a dialect by inheritance', '{"__proto__":{"events":[]}}', refused('events is missing')),
    raw('more than a delivery may have', Buffer.alloc(1_100_000, ' '), [413, 'an event has at most']),
    raw('a packed body', '{}', [415, 'an event is JSON'], headers({ 'content-encoding': 'gzip' })),
    raw('XML', '<events/>', [415, 'an event is JSON'], headers({ 'content-type': 'application/xml' })),
    raw('no token', '{}', [401, 'the header'], headers({ authorization: '' })),
    raw('a wrong token', '{}', [401, 'the header'], headers({ authorization: `Bearer ${'A'.repeat(43)}` })),
    raw('a token in the address', '{}', [401, 'the header'], {
      path: '/hooks/local?token=TOKEN',
      headers: { authorization: '' },
    }),
    raw('a hook that nobody made', '{}', [404, 'no registry'], { path: '/hooks/other' }),
    raw('a hook by inheritance', '{}', [404, 'no registry'], { path: '/hooks/constructor' }),
    raw('a hook that climbs', '{}', [404, 'no registry'], { path: '/hooks/%2e%2e%2flocal' }),
  ];
}

function distribution(canary: string): HostileEvent[] {
  const event = (title: string, spoil: Spoil, answer: HostileEvent['answer']) => ({
    title: `distribution: ${title}`,
    body: spoiltEvent('distribution-push', spoil),
    answer,
  });
  const target = (field: string, title: string, value: unknown, reason: string) =>
    event(title, put(`events.0.target.${field}`, value), refused(`events[0].target.${field} ${reason}`));
  const repository = (title: string, value: unknown) =>
    target('repository', title, value, 'is no name of a repository');
  const tag = (title: string, value: unknown) => target('tag', title, value, 'is no tag');
  const digest = (title: string, value: unknown) =>
    target('digest', title, value, 'is not a sha256 or sha512 digest');
  return [
    repository('a repository that climbs', 'team/../../v2/_catalog'),
    repository('a repository that climbs in disguise', 'team/%2e%2e/app'),
    repository('a repository at a server', `${canary}/app`),
    repository('a repository that is an address', `http://${canary}/app`),
    repository('a repository with a login', `user:pass@${canary}/app`),
    repository('a repository with a query', 'app?x=http://evil'),
    repository('a repository with an end of line', 'app HTTP/1.1\r\nHost: evil\r\n\r\n'),
    repository('a repository turned round', 'team/\u202eppa'),
    repository('a repository with an escape code', '\u001b]0;owned\u0007app'),
    repository('a repository of half a megabyte', LONG),
    target('repository', 'a repository that is a list', ['app'], 'is not a string'),
    tag('a tag that climbs', '../../../blobs/uploads/'),
    tag('a tag with a query', '1.0?n=1'),
    tag('a tag that is a command', '$(reboot)'),
    tag('a tag with an end of line', '1.0\r\nX-Evil: 1'),
    tag('a tag turned round', '1.0\u2066-amd64'),
    tag('a tag that begins like an option', '--config=/etc/passwd'),
    tag('a tag of half a megabyte', LONG),
    target('tag', 'a tag that is a number', 1, 'is not a string'),
    digest('an md5', 'md5:d41d8cd98f00b204e9800998ecf8427e'),
    digest('a sha384', `sha384:${'a'.repeat(96)}`),
    digest('a digest in capitals', `sha256:${'A'.repeat(64)}`),
    digest('a digest that goes on', `${DIGEST}/../../x`),
    digest('a digest with an end of line', `${DIGEST}\n`),
    event('a sha512', put('events.0.target.digest', `sha512:${'a'.repeat(128)}`), TAKEN),
    event('a host of its own', put('events.0.request.host', canary), TAKEN),
    event('an address of its own', put('events.0.target.url', `http://${canary}/v2/x/manifests/y`), TAKEN),
    event('a repository to take from', put('events.0.target.fromRepository', `${canary}/app`), TAKEN),
    event(
      'references elsewhere',
      put('events.0.target.references', [{ urls: [`http://${canary}/`] }]),
      TAKEN,
    ),
    event('a media type of half a megabyte', put('events.0.target.mediaType', LONG), PASSED),
    event('an action in capitals', put('events.0.action', 'PUSH'), PASSED),
    event('a deletion', put('events.0.action', 'delete'), TAKEN),
    event('an actor with an escape code', put('events.0.actor', { name: '\u001b[2J\u202e' }), TAKEN),
    event(
      'a time far away',
      put('events.0.timestamp', '+275760-09-13T00:00:00Z'),
      refused('events[0].timestamp'),
    ),
    event(
      'an id that forges a line',
      put('events.0.id', 'a\n10:00:00Z  published evil'),
      refused('events[0].id'),
    ),
    event('a hundred events, one of them good', manyBad, [202, '1 accepted, 99 ignored']),
  ];
}

const manyBad: Spoil = ({ events: [good] }) => ({
  events: Array.from({ length: 100 }, (_, at) =>
    at === 99 ? good : { ...good, target: { ...good.target, repository: `../${at}` } },
  ),
});

function harbor(canary: string): HostileEvent[] {
  const event = (title: string, spoil: Spoil, answer: HostileEvent['answer']) => ({
    title: `Harbor: ${title}`,
    body: spoiltEvent('harbor-push', spoil),
    answer,
  });
  return [
    event('a type that nobody knows', put('type', '__proto__'), PASSED),
    event('data that is text', put('event_data', 'x'), refused('event_data is not an object')),
    event('no resources', put('event_data.resources', []), refused('event_data.resources is empty')),
    event(
      'resources that are an object',
      put('event_data.resources', { length: 1 }),
      refused('event_data.resources'),
    ),
    event('an address of its own', put('event_data.resources.0.resource_url', `${canary}/a:1`), TAKEN),
    event('a time without end', put('occur_at', 1e300), refused('occur_at is no time')),
    event('a time that is text', put('occur_at', '1768082303'), refused('occur_at is no time')),
    event(
      'a tag turned round',
      put('event_data.resources.0.tag', '\u202e1'),
      refused('event_data.resources[0].tag'),
    ),
    event(
      'an md5',
      put('event_data.resources.0.digest', 'md5:00'),
      refused('event_data.resources[0].digest'),
    ),
  ];
}

function zot(canary: string): HostileEvent[] {
  const event = (title: string, spoil: Spoil, answer: HostileEvent['answer'], headers = {}) => ({
    title: `zot: ${title}`,
    body: spoiltEvent('zot-updated', spoil),
    answer,
    headers,
  });
  const binary = (title: string, headers: Record<string, string>, answer: HostileEvent['answer']) =>
    event(title, ({ data }) => data, answer, {
      'ce-specversion': '1.0',
      'ce-id': 'a',
      'ce-time': '2026-11-22T10:00:00Z',
      'ce-type': 'zotregistry.image.updated',
      ...headers,
    });
  return [
    event('a version to come', put('specversion', '2.0'), refused('specversion is not 1.0')),
    event('a source of its own', put('source', `http://${canary}/`), TAKEN),
    event('a manifest of its own', put('data.manifest', `{"urls":["http://${canary}/"]}`), TAKEN),
    event('a reference that climbs', put('data.reference', '../../x'), refused('data.reference is no tag')),
    event('data that is a list', put('data', []), refused('data is not an object')),
    event('a type of half a megabyte', put('type', LONG), refused('type is missing or of another dialect')),
    binary('headers, as they should be', {}, TAKEN),
    binary('an id with an end of line in disguise', { 'ce-id': 'a%0d%0ab' }, refused('ce-id is not')),
    binary('an id that is cut short in disguise', { 'ce-id': '%e2%80' }, TAKEN),
    binary('a time that is none', { 'ce-time': '%00' }, refused('ce-time is no time')),
    binary('a type that nobody knows', { 'ce-type': 'com.evil' }, refused('ce-type is missing')),
  ];
}

function repositoryNames(canary: string): HostileEvent[] {
  const names = [
    ['climbs', '../../etc/passwd'],
    ['is an address', `http://${canary}/app`],
    ['has a port', `${canary}/app`],
    ['is turned round', 'a\u202eb'],
    ['ends a line', 'app\r\nHost: evil'],
    ['is half a megabyte', LONG],
  ] as const;
  return names.flatMap(([what, name]) => [
    {
      title: `Harbor: a repository that ${what}`,
      body: spoiltEvent('harbor-push', put('event_data.repository.repo_full_name', name)),
      answer: refused('event_data.repository.repo_full_name is no name of a repository'),
    },
    {
      title: `zot: a repository that ${what}`,
      body: spoiltEvent('zot-updated', put('data.name', name)),
      answer: refused('data.name is no name of a repository'),
    },
    {
      title: `ACR: a repository that ${what}`,
      body: spoiltEvent('acr-push', put('target.repository', name)),
      answer: refused('target.repository is no name of a repository'),
    },
    {
      title: `Event Grid: a repository that ${what}`,
      body: spoiltEvent('event-grid-push', put('0.data.target.repository', name)),
      answer: refused('[0].data.target.repository is no name of a repository'),
    },
  ]);
}
