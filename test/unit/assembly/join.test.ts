import { describe, expect, it } from '@jest/globals';
import { claimOfTag } from '../../../lib/assembly/claim-of-tag.ts';
import { type Join, join } from '../../../lib/assembly/join.ts';
import { anIndex, aWorld, entryOf, HOST, REPOSITORY } from './a-world.ts';

const request = (over: Partial<Join> = {}): Join => ({
  registry: HOST,
  repository: REPOSITORY,
  tags: ['1.0'],
  members: ['1.0-amd64', '1.0-arm64'],
  ...over,
});

async function withMembers(build: { amd64?: string; arm64?: string } = {}) {
  const world = aWorld();
  const amd = await world.push('1.0-amd64', build.amd64 === undefined ? {} : { build: build.amd64 });
  const arm = await world.push('1.0-arm64', {
    arch: 'arm64',
    ...(build.arm64 === undefined ? {} : { build: build.arm64 }),
  });
  return { world, amd, arm };
}

describe('join', () => {
  it('writes each tag that does not hold the same yet, and nothing the second time', async () => {
    const { world, amd, arm } = await withMembers();
    const first = await join(world, request({ tags: ['1.0', 'latest'] }));
    expect(first).toMatchObject({ kind: 'joined', written: ['1.0', 'latest'] });
    expect(await world.holds('latest')).toEqual([amd.digest, arm.digest]);
    const again = await join(world, request({ tags: ['1.0', 'latest', 'new'] }));
    expect(again).toMatchObject({ kind: 'joined', written: ['new'] });
  });

  it('makes the same index as the service does', async () => {
    const { world } = await withMembers();
    await world.settle();
    const joined = await join(world, request());
    expect(joined).toMatchObject({ kind: 'joined', written: [], digest: await world.digest('1.0') });
  });

  it('answers what the tag holds where another hand has joined the same', async () => {
    const { world, amd, arm } = await withMembers();
    const theirs = anIndex([
      entryOf(arm, { platform: { os: 'linux', architecture: 'arm64' } }),
      entryOf(amd, { platform: { os: 'linux', architecture: 'amd64' } }),
    ]);
    await world.registry.writeManifest(REPOSITORY, '1.0', theirs);
    expect(await join(world, request())).toMatchObject({
      kind: 'joined',
      written: [],
      digest: theirs.digest,
    });
  });

  it('says which platform is missing as the tag names it', async () => {
    const { world } = await withMembers();
    const joined = await join(world, request({ members: ['1.0-amd64', '9-x86_64', 'foo'] }));
    expect(joined).toMatchObject({
      kind: 'waiting',
      missing: [{ reference: '9-x86_64', platform: 'linux/amd64' }, { reference: 'foo' }],
    });
    expect(await world.digest('1.0')).toBeUndefined();
  });

  it('holds members of different builds unless that is allowed', async () => {
    const { world } = await withMembers({ amd64: 'a', arm64: 'b' });
    expect(await join(world, request())).toMatchObject({ kind: 'held', reasons: [{ code: 'mixed-builds' }] });
    expect(await join(world, request({ allowMixedBuilds: true }))).toMatchObject({ kind: 'joined' });
  });

  it('holds an image that is not what its tag says, but takes it by its digest', async () => {
    const { world, amd } = await withMembers();
    await world.registry.writeManifest(REPOSITORY, '2.0-arm64', amd);
    const members = ['2.0-arm64'];
    expect(await join(world, request({ members }))).toMatchObject({
      kind: 'held',
      reasons: [{ code: 'mislabelled', tag: '2.0-arm64', is: 'linux/amd64' }],
    });
    expect(await join(world, request({ members: [amd.digest] }))).toMatchObject({ kind: 'joined' });
  });

  it('requires exactly the platforms that are named', async () => {
    const { world } = await withMembers();
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 's390x' },
    ];
    expect(await join(world, request({ platforms }))).toMatchObject({
      kind: 'waiting',
      reasons: [{ code: 'missing-platform', platforms: ['linux/s390x'], present: 1, wanted: 2 }],
    });
  });

  it('holds a member that none of the named platforms asks for, instead of dropping it', async () => {
    const { world } = await withMembers();
    const platforms = [{ os: 'linux', architecture: 'amd64' }];
    expect(await join(world, request({ platforms }))).toMatchObject({
      kind: 'held',
      reasons: [{ code: 'unwanted-platform', tag: '1.0-arm64', platforms: ['linux/arm64'] }],
    });
  });

  it('holds a target whose own name says another platform: its name was forgotten', async () => {
    const { world, amd } = await withMembers();
    const slip = request({ tags: ['1.0-amd64'], members: ['1.0-arm64'] });
    expect(await join(world, slip)).toMatchObject({
      kind: 'held',
      reasons: [{ code: 'mislabelled', tag: '1.0-amd64', says: 'amd64', is: 'linux/arm64' }],
    });
    expect(await world.digest('1.0-amd64')).toBe(amd.digest);
  });

  it('leaves a tag alone that holds something else where it must not clobber', async () => {
    const { world, amd } = await withMembers();
    await world.registry.writeManifest(REPOSITORY, '1.0', amd);
    expect(await join(world, request({ noClobber: true }))).toMatchObject({
      kind: 'held',
      reasons: [{ code: 'no-clobber', tag: '1.0' }],
    });
    expect(await world.digest('1.0')).toBe(amd.digest);
  });

  it('writes nothing in a dry run', async () => {
    const { world } = await withMembers();
    expect(await join(world, request({ dryRun: true }))).toMatchObject({ kind: 'joined', written: ['1.0'] });
    expect(await world.digest('1.0')).toBeUndefined();
  });
});

describe('claimOfTag', () => {
  it.each([
    ['1.0-amd64', { architecture: 'amd64' }],
    ['1.0-x86-64', { architecture: 'amd64' }],
    ['arm32v7-3.0', { architecture: 'arm', variant: 'v7' }],
    ['v1_aarch64', { architecture: 'arm64' }],
    ['farm64', {}],
    ['1.0', {}],
  ])('reads %s', (tag, claim) => {
    expect(claimOfTag(tag)).toEqual(claim);
  });
});
