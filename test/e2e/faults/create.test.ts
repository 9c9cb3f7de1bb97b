import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { archweave, temporaryFolder } from '../../support/e2e-run.ts';
import type { Fault, Passing } from '../../support/fault-proxy.ts';
import { describeWith } from '../../support/tools.ts';
import { BASIC, type FaultyWorld, faultyWorld, SECRETS, startStranger } from './faulty-world.ts';

const isWrite = ({ method }: Passing) => method === 'PUT';
const isMember = ({ method, path }: Passing) => method === 'GET' && path.endsWith('-arm64');
const basic = { status: 401, headers: { 'www-authenticate': 'Basic realm="proxy"' } };

describeWith(['docker-registry'], 'create, through a registry that fails', () => {
  const folder = temporaryFolder('faults');
  const running: { stop(): Promise<void> }[] = [];
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(one => one.stop()));
  });
  afterAll(async () => {
    await registry?.stop();
    folder.remove();
  });

  const aWorld = async (): Promise<FaultyWorld> => {
    const guard = ({ headers }: Passing) => (headers.authorization === `Basic ${BASIC}` ? undefined : basic);
    const world = await faultyWorld(registry.host, { guard });
    running.push(world);
    return world;
  };
  /** The real command, with a docker configuration that has the login. */
  const create = async (world: FaultyWorld) => {
    const { host } = world.proxy;
    const docker = join(folder.path, host.replace(':', '-'));
    mkdirSync(docker, { recursive: true });
    writeFileSync(join(docker, 'config.json'), JSON.stringify({ auths: { [host]: { auth: BASIC } } }));
    const app = `${host}/${world.repository}`;
    const outcome = await archweave(['-v', 'create', `${app}:1`, `${app}:1-7-amd64`, `${app}:1-7-arm64`], {
      env: { DOCKER_CONFIG: docker },
    });
    for (const secret of SECRETS) expect(outcome.out + outcome.err).not.toContain(secret);
    return outcome;
  };
  const children = (world: FaultyWorld) => world.images.map(({ digest }) => digest);

  it.each<[string, (passing: Passing) => boolean, Fault, RegExp]>([
    ['a member that comes cut short', isMember, 'cut short', /1-7-arm64 cannot be read: .*digest/],
    ['a member whose bytes are wrong', isMember, 'wrong bytes', /1-7-arm64 cannot be read: .*digest/],
    [
      'a registry that asks to come back in an hour',
      isWrite,
      { answer: { status: 429, headers: { 'retry-after': '3600' } } },
      /faults\/r\d+:1\b.*asked to slow down for 3600 s/s,
    ],
    ['a write that is broken off', isWrite, 'reset before', /faults\/r\d+:1\b.*broke the connection off/s],
  ])(
    'says what is wrong with %s, writes nothing, and joins when it is over',
    async (_, when, fault, says) => {
      const world = await aWorld();
      world.proxy.hurt(when, fault);
      const { rc, out, err } = await create(world);
      expect({ out, failed: rc !== 0 }).toEqual({ out: '', failed: true });
      expect(err).toMatch(says);
      expect(await world.target()).toBeUndefined();
      world.proxy.heal();
      expect(await create(world)).toMatchObject({ rc: 0 });
      expect((await world.target())?.children).toEqual(children(world));
      await world.expectNothingElse();
    },
  );

  it('does not claim to know what became of a write whose answer was lost, and finds it at the next run', async () => {
    const world = await aWorld();
    world.proxy.hurt(isWrite, 'answer lost', 1);
    const first = await create(world);
    expect(first).toMatchObject({ rc: 1, out: '' });
    expect(first.err).toMatch(/faults\/r\d+:1: .*broke the connection off/);
    expect(first.err).not.toContain('not touched');
    const second = await create(world);
    expect(second.rc).toBe(0);
    expect(second.out).toMatch(/@sha256:[0-9a-f]{64}\n$/);
    expect(second.err).toContain('unchanged');
    expect((await world.target())?.children).toEqual(children(world));
    await world.expectNothingElse();
  });

  it('tells no other server who asks', async () => {
    const world = await aWorld();
    const stranger = await startStranger();
    running.push(stranger);
    const location = `http://${stranger.host}/elsewhere`;
    world.proxy.hurt(isMember, { answer: { status: 307, headers: { location } } });
    const { rc, out } = await create(world);
    expect({ out, failed: rc !== 0 }).toEqual({ out: '', failed: true });
    expect(stranger.heard.length).toBeGreaterThan(0);
    stranger.expectToldNothing();
    expect(await world.target()).toBeUndefined();
  });
});
