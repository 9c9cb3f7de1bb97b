import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { DOCKER_LIST, OCI_INDEX } from '../../../../lib/image/media-types.ts';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { failureOf, imageOf, openScripted, read, served } from './scripted-registry.ts';

const AT = 'GET /v2/app/manifests/1.0';
const image = imageOf('right');
const servers = scriptedServers();

describe('reading manifests', () => {
  it('asks for every manifest type, under its own name, and for nothing packed', async () => {
    const server = (await servers()).on(AT, served(image));
    expect(await read(openScripted(server).registry)).toMatchObject({ kind: 'found' });
    const { headers } = server.seen[0]!;
    expect(headers.accept).toContain(OCI_INDEX);
    expect(headers.accept).toContain(DOCKER_LIST);
    expect(headers['user-agent']).toMatch(/^archweave\/\d/);
    expect(headers['accept-encoding']).toBe('identity');
    expect(headers.authorization).toBeUndefined();
  });

  it('asks once for a reference that is named twice', async () => {
    const server = (await servers()).on(AT, served(image));
    expect((await openScripted(server).registry.readManifests('app', ['1.0', '1.0'])).size).toBe(1);
  });

  it('asks for eight at once and no more', async () => {
    const server = await servers();
    const tags = Array.from({ length: 20 }, (_, run) => `t${run}`);
    const waiting: ServerResponse[] = [];
    const sizes: number[] = [];
    let left = tags.length;
    // Answers none before eight have come, and a ninth would have had the time to.
    const come = (_: unknown, response: ServerResponse) => {
      if (waiting.push(response) < Math.min(8, left)) return;
      setTimeout(() => {
        sizes.push(waiting.length);
        left -= waiting.length;
        for (const held of waiting.splice(0)) held.writeHead(404).end();
      }, 30);
    };
    for (const tag of tags) server.on(`GET /v2/app/manifests/${tag}`, come);
    const readings = await openScripted(server).registry.readManifests('app', tags);
    expect([...readings.keys()]).toEqual(tags);
    expect(sizes).toEqual([8, 8, 4]);
  });

  it('ends the rest of a batch at the first failure', async () => {
    const server = await servers();
    let refuse = () => {};
    const ended = new Promise<void>(resolve => {
      server.on('GET /v2/app/manifests/slow', (_, slow) => {
        slow.once('close', resolve);
        refuse();
      });
    });
    server.on('GET /v2/app/manifests/bad', (_, bad) => {
      refuse = () => bad.writeHead(403).end('{"errors":[]}');
      if (server.seen.length > 1) refuse();
    });
    const { code } = await failureOf(openScripted(server).registry.readManifests('app', ['slow', 'bad']));
    expect(code).toBe('forbidden');
    await ended;
  });

  it.each([
    [
      'other bytes than the digest asked for',
      image.digest,
      { body: imageOf('wrong').bytes },
      'digest-mismatch',
    ],
    [
      'a header with another digest',
      '1.0',
      {
        ...served(image),
        headers: { ...served(image).headers, 'docker-content-digest': imageOf('x').digest },
      },
      'digest-mismatch',
    ],
    [
      'a header with a digest that cannot be checked',
      '1.0',
      { headers: { 'docker-content-digest': 'md5:d41d8cd98f00b204e9800998ecf8427e' }, body: image.bytes },
      'digest-mismatch',
    ],
    ['JSON that is cut off', '1.0', { body: image.bytes.subarray(0, 40) }, 'malformed'],
    ['JSON that is no object', '1.0', { body: '[1, 2]' }, 'malformed'],
    ['an index whose entries are none', '1.0', { body: '{"manifests":[7]}' }, 'malformed'],
    ['bytes that are no UTF-8', '1.0', { body: Buffer.from([0x7b, 0xff, 0x7d]) }, 'malformed'],
    [
      'another type than the bytes say',
      '1.0',
      { headers: { 'content-type': OCI_INDEX }, body: image.bytes },
      'malformed',
    ],
    ['4 MiB and a byte', '1.0', { body: Buffer.alloc(4 * 1024 * 1024 + 1, 0x20) }, 'too-large'],
  ])('finds what is there and comes as %s unreadable', async (_, reference, answer, code) => {
    const server = (await servers()).on(`GET /v2/app/manifests/${reference}`, answer);
    const reading = await read(openScripted(server).registry, reference);
    expect(reading).toMatchObject({ kind: 'unreadable', error: { code } });
  });

  it('cuts off a body that has no end', async () => {
    let sent = 0;
    const server = (await servers()).on(AT, (_, response) => {
      const more = () => {
        for (let going = true; going && !response.destroyed; ) {
          sent += 65_536;
          going = response.write(Buffer.alloc(65_536, 0x20));
        }
      };
      response.on('drain', more);
      more();
    });
    expect(await read(openScripted(server).registry)).toMatchObject({
      kind: 'unreadable',
      error: { code: 'too-large' },
    });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('does not begin to read a body that says it is too long', async () => {
    const server = (await servers()).on(AT, (_, response) => {
      response.writeHead(200, { 'content-length': '9000000' }).flushHeaders();
    });
    const { error } = (await read(openScripted(server).registry)) as { error: Error };
    expect(error.message).toContain('9000000 bytes');
  });

  it.each([
    ['a page', { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<p>hello</p>' }],
    ['a page that does not say so', { body: '<!DOCTYPE html><p>hello</p>' }],
    ['a page with a 404', { status: 404, headers: { 'content-type': 'text/html' }, body: '<p>not here</p>' }],
    ['a page with a 403', { status: 403, headers: { 'content-type': 'text/html' }, body: '<p>no</p>' }],
  ])('says of %s that no registry is there', async (_, answer) => {
    const server = (await servers()).on(AT, answer);
    const failure = await failureOf(read(openScripted(server).registry));
    expect(failure.code).toBe('not-a-registry');
    expect(failure.reason).toContain(`${server.host} answers, but not as a registry (`);
    expect(failure.where).toContain(' -> ');
  });

  it('takes the media type from the bytes where the answer does not say it', async () => {
    const index = Buffer.from('{"schemaVersion":2,"manifests":[]}');
    const server = (await servers()).on(
      AT,
      { body: image.bytes },
      { headers: { 'content-type': 'application/json' }, body: index },
    );
    const { registry } = openScripted(server);
    expect(await read(registry)).toMatchObject({ manifest: { mediaType: image.mediaType } });
    expect(await read(registry)).toMatchObject({ manifest: { mediaType: OCI_INDEX } });
  });

  it('takes no notice of parameters of the media type', async () => {
    const headers = { 'content-type': `${image.mediaType}; charset=utf-8` };
    const server = (await servers()).on(AT, { headers, body: image.bytes });
    expect(await read(openScripted(server).registry)).toMatchObject({
      manifest: { mediaType: image.mediaType },
    });
  });

  it('reads by sha512 what the registry calls by sha256', async () => {
    const digest = digestOf(image.bytes, 'sha512');
    const server = (await servers()).on(`GET /v2/app/manifests/${digest}`, served(image));
    expect(await read(openScripted(server).registry, digest)).toMatchObject({ manifest: { digest } });
  });

  it.each([
    ['app/../secrets', '1.0'],
    ['App', '1.0'],
    ['app?x=', '1.0'],
    ['', '1.0'],
    ['app', '../../_catalog'],
    ['app', '1.0?x=y'],
    ['app', 'sha256:abc'],
    ['app', `x${'y'.repeat(128)}`],
  ])('sends nothing for the repository %j with the reference %j', async (repository, reference) => {
    const server = await servers();
    const { code } = await failureOf(openScripted(server).registry.readManifests(repository, [reference]));
    expect(code).toBe('bad-reference');
    expect(server.seen).toEqual([]);
  });
});

describe('resolving references', () => {
  it('reads where the registry does not name the digest', async () => {
    const server = (await servers())
      .on('HEAD /v2/app/manifests/1.0', { headers: { 'content-type': image.mediaType } })
      .on(AT, { body: image.bytes });
    const resolved = await openScripted(server).registry.resolveReferences('app', ['1.0']);
    expect(resolved.get('1.0')).toBe(image.digest);
  });

  it('reads where the registry knows no HEAD', async () => {
    const server = (await servers()).on('HEAD /v2/app/manifests/1.0', { status: 405 }).on(AT, served(image));
    const resolved = await openScripted(server).registry.resolveReferences('app', ['1.0']);
    expect(resolved.get('1.0')).toBe(image.digest);
  });

  it('does not take a page for the answer that a tag is absent', async () => {
    const server = (await servers()).on('HEAD /v2/app/manifests/1.0', {
      status: 404,
      headers: { 'content-type': 'text/html' },
    });
    const { code } = await failureOf(openScripted(server).registry.resolveReferences('app', ['1.0']));
    expect(code).toBe('not-a-registry');
  });
});
