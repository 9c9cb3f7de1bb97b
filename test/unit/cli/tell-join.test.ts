import { describe, expect, it } from '@jest/globals';
import type { Joined } from '../../../lib/assembly/join.ts';
import type { Invocation } from '../../../lib/cli/command.ts';
import { COMMANDS } from '../../../lib/cli/commands.ts';
import { createDocument } from '../../../lib/cli/create-document.ts';
import { type JoinRequest, readJoinRequest } from '../../../lib/cli/join-request.ts';
import { parseFlags, readCommonOptions } from '../../../lib/cli/parse-arguments.ts';
import { heldLines, joinedLines, waitingLines } from '../../../lib/cli/tell-join.ts';
import { openTerminal } from '../../../lib/cli/terminal.ts';
import type { Digest } from '../../../lib/image/digest.ts';

const HOST = '127.0.0.1:5100';
const digest: Digest = `sha256:${'0d6aa8765d87'.padEnd(64, '0')}`;
const silent = { write: () => {} };

function request(...argv: string[]): Promise<JoinRequest> {
  const { operands, flags } = parseFlags(
    argv,
    'create',
    COMMANDS.find(({ name }) => name === 'create')!.flags,
  );
  const invocation: Invocation = {
    operands,
    flags,
    common: readCommonOptions(flags),
    terminal: openTerminal({ stdout: silent, stderr: silent, env: {}, quiet: false, color: 'never' }),
    cwd: '/',
    env: {},
    now: () => 0,
    signal: new AbortController().signal,
  };
  return readJoinRequest(invocation);
}

describe('the arguments of create', () => {
  it('may name members short, twice, and by digest', async () => {
    const { join, members, target } = await request(
      `${HOST}/app:1.0`,
      ':1.0-amd64',
      `@${digest}`,
      ':1.0-amd64',
    );
    expect(target).toEqual({ host: HOST, repository: 'app', tag: '1.0' });
    expect(join.members).toEqual(['1.0-amd64', digest]);
    expect(members.every(({ elsewhere }) => !elsewhere)).toBe(true);
  });

  it('keep members of other repositories apart that have one tag', async () => {
    const { members } = await request(`${HOST}/app:1.0`, `${HOST}/amd64/app:1.0`, `${HOST}/arm64/app:1.0`);
    expect(members.map(({ alias, elsewhere }) => [alias, elsewhere])).toEqual([
      ['1.0@1', true],
      ['1.0@2', true],
    ]);
  });

  it('take more tags, annotations with commas, and platforms', async () => {
    const argv = ['-t', 'latest,:1', '--annotation', 'a=b,c', '--platform', 'linux/amd64', '--no-clobber'];
    const { join } = await request(`${HOST}/app:1.0`, ':a', ...argv);
    expect(join).toMatchObject({
      tags: ['1.0', 'latest', '1'],
      annotations: { a: 'b,c' },
      platforms: [{ os: 'linux', architecture: 'amd64' }],
      noClobber: true,
    });
  });

  it.each([
    [['--platform', 'linux/x86_64'], '"linux/x86_64" is not a platform; images call it linux/amd64.'],
    [['--annotation', 'a'], '--annotation "a" is not KEY=VALUE.'],
    [['--allow', 'anything'], '--allow takes mixed-builds.'],
    [['--format', 'oic'], '--format is one of auto, oci, docker, not "oic". Did you mean "oci"?'],
  ])('are refused: %j', async (argv, sentence) => {
    await expect(request(`${HOST}/app:1.0`, ':a', ...argv)).rejects.toThrow(sentence);
  });

  it('name a tag as target', async () => {
    await expect(request(`${HOST}/app@${digest}`, ':a')).rejects.toThrow('create writes to a tag');
  });
});

describe('what create says', () => {
  it('of members that are missing', async () => {
    const asked = await request(`${HOST}/app:9`, `${HOST}/app:1.0-amd64`, ':9-arm64', ':foo');
    const joined = {
      kind: 'waiting',
      missing: [{ reference: '9-arm64', platform: 'linux/arm64' }, { reference: 'foo' }],
      reasons: [],
      members: [
        {
          tag: '1.0-amd64',
          claim: { architecture: 'amd64' },
          state: { kind: 'present', digest, images: [] },
        },
        { tag: '9-arm64', claim: { architecture: 'arm64' }, state: { kind: 'absent' } },
        { tag: 'foo', claim: {}, state: { kind: 'absent' } },
      ],
    } as const;
    expect(waitingLines(joined, asked, true)).toEqual([
      'waiting for linux/arm64: 127.0.0.1:5100/app:9-arm64 is not there (1 of 3)',
      'waiting: 127.0.0.1:5100/app:foo is not there (1 of 3)',
      '  next    archweave create ... --wait 20m     waits for it',
    ]);
    expect(createDocument(asked, joined)).toMatchObject({
      digest: null,
      group: {
        state: 'waiting',
        rule: { name: 'built in', line: 0 },
        members: [
          { tag: '1.0-amd64', platform: 'linux/amd64', present: true, digest },
          { tag: '9-arm64', platform: 'linux/arm64', present: false, lookedFor: ['9-arm64'] },
          { tag: 'foo', platform: null, present: false },
        ],
      },
    });
  });

  it('of members that do not belong together', async () => {
    const asked = await request(`${HOST}/app:x`, ':2.0-amd64', ':2.0-arm64', '-t', 'y');
    const reason = {
      code: 'mislabelled',
      tag: '2.0-arm64',
      says: 'arm64',
      is: 'linux/amd64',
      digest,
    } as const;
    const mixed = { code: 'mixed-builds', builds: [{ platform: 'linux/amd64', build: 'a' }] } as const;
    const image = {
      descriptor: { mediaType: 'm', digest, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
      labels: { 'org.opencontainers.image.revision': 'a' },
      annotations: {},
      attached: [],
    };
    const members = [
      {
        tag: '2.0-arm64',
        claim: { architecture: 'arm64' },
        state: { kind: 'present', digest, images: [image] },
      },
      { tag: '3.0-arm64', claim: {}, state: { kind: 'unreadable', why: 'it is not JSON' } },
    ] as const;
    const held = { kind: 'held', reasons: [reason, mixed], members, before: digest } as const;
    expect(createDocument(asked, held)).toMatchObject({
      group: {
        before: digest,
        members: [
          { tag: '2.0-arm64', platform: 'linux/arm64', is: 'linux/amd64', present: true, build: 'a' },
          { tag: '3.0-arm64', platform: null, present: true },
        ],
      },
    });
    expect(heldLines(held, asked)).toEqual([
      'held: 2.0-arm64 says arm64, but the image is linux/amd64  [mislabelled]',
      `  where   127.0.0.1:5100/app:2.0-arm64  ${digest}`,
      '  also    linux/amd64 is from a  [mixed-builds]',
      "  next    build it with --platform linux/arm64, or pass it by digest if the tag's name is wrong",
      '  127.0.0.1:5100/app:x 127.0.0.1:5100/app:y were not touched.',
    ]);
  });

  it('of an index, a line a platform', async () => {
    const asked = await request(`${HOST}/app:1.0`, ':1.0-amd64', '-t', 'latest');
    const image = {
      descriptor: { mediaType: 'm', digest, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
      labels: {},
      annotations: {},
      attached: [],
    };
    const joined: Extract<Joined, { kind: 'joined' }> = {
      kind: 'joined',
      digest,
      manifest: { bytes: new Uint8Array(3), digest, mediaType: 'index' },
      chosen: [{ wanted: image.descriptor.platform, required: true, tag: '1.0-amd64', image }],
      written: ['latest'],
      members: [{ tag: '1.0-amd64', claim: {}, state: { kind: 'present', digest, images: [image] } }],
    };
    expect(joinedLines(joined, asked, { ms: 33.6, requests: 7 })).toEqual([
      'linux/amd64  1.0-amd64  sha256:0d6aa8765d87',
      'unchanged    1.0',
      'published    latest     in 34 ms, 7 requests',
    ]);
    expect(createDocument(asked, joined)).toMatchObject({
      reference: '127.0.0.1:5100/app:1.0',
      digest,
      size: 3,
      platforms: ['linux/amd64'],
      changed: true,
      group: {
        state: 'publish',
        before: null,
        platforms: ['linux/amd64'],
        members: [{ tag: '1.0-amd64', platform: 'linux/amd64', present: true, digest }],
      },
    });
  });
});
