import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import type { Fault, FaultProxyOptions, Passing } from '../../support/fault-proxy.ts';
import { describeWith } from '../../support/tools.ts';
import { BASIC, type FaultyWorld, faultyWorld, startStranger } from './faulty-world.ts';

type Stranger = Awaited<ReturnType<typeof startStranger>>;

const TOKEN = 'token-of-the-tests';

/**
 * Lets in who has a token, which its server at `realm` hands out to who logs in; the proxy itself is that server where
 * nothing is said. All tokens there are end with the request that `ends` picks of those that would be let in.
 */
function tokenDoor(door: {
  readonly realm?: string;
  readonly ends?: (passing: Passing, count: number) => boolean;
}): Required<FaultProxyOptions> & { readonly handedOut: number } {
  let count = 0;
  let handedOut = 0;
  let ended = 0;
  return {
    get handedOut() {
      return handedOut;
    },
    guard(passing: Passing, host: string) {
      const { path, headers } = passing;
      if (path.startsWith('/token')) {
        if (headers.authorization !== `Basic ${BASIC}`) return { status: 401 };
        handedOut += 1;
        return { status: 200, body: JSON.stringify({ token: `${TOKEN}-${handedOut}`, expires_in: 3600 }) };
      }
      const [, known] = /^Bearer token-of-the-tests-(\d+)$/.exec(headers.authorization ?? '') ?? [];
      if (Number(known) > ended && door.ends?.(passing, ++count)) ended = handedOut;
      if (Number(known) > ended || (known && door.realm)) return undefined;
      const challenge = `Bearer realm="${door.realm ?? `http://${host}/token`}",service="proxy"`;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    },
  };
}

const basicDoor: FaultProxyOptions = {
  guard: ({ headers }) =>
    headers.authorization === `Basic ${BASIC}`
      ? undefined
      : { status: 401, headers: { 'www-authenticate': 'Basic realm="proxy"' } },
};

describeWith(['docker-registry'], 'credentials, where a registry points elsewhere', () => {
  let registry: RunningRegistry;
  const running: { stop(): Promise<void> }[] = [];
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(one => one.stop()));
  });
  afterAll(() => registry?.stop());

  const aWorld = async (options: Parameters<typeof faultyWorld>[1]): Promise<FaultyWorld> => {
    const world = await faultyWorld(registry.host, options);
    running.push(world);
    return world;
  };
  const aStranger = async (body?: string): Promise<Stranger> => {
    const stranger = await startStranger(body);
    running.push(stranger);
    return stranger;
  };
  const redirect = (to: string): Fault => ({ answer: { status: 307, headers: { location: to } } });
  const expectRight = async (world: FaultyWorld) => {
    expect((await world.target())?.children).toEqual(world.images.map(({ digest }) => digest));
    await world.expectNothingElse();
  };

  it.each([
    ['a manifest', ({ path }: Passing) => path.endsWith('-arm64')],
    ['a config', ({ path }: Passing) => path.includes('/blobs/')],
    ['a write', ({ method }: Passing) => method === 'PUT'],
  ])('are not sent along when %s is redirected to a server that asks for them', async (_, when) => {
    const stranger = await aStranger();
    const world = await aWorld(basicDoor);
    world.proxy.hurt(when, redirect(`http://${stranger.host}/elsewhere`));
    const faulty = await world.pass();
    expect(faulty.error?.code).toBe('unauthorized');
    expect(stranger.heard.length).toBeGreaterThan(0);
    stranger.expectToldNothing();
    expect(await world.target()).toBeUndefined();
    world.proxy.heal();
    expect((await world.pass()).states).toEqual(['1 published']);
    await expectRight(world);
    world.expectNoSecrets(faulty);
  });

  it('are not sent to a server that needs none, and its bytes are not taken for others', async () => {
    const stranger = await aStranger(JSON.stringify({ architecture: 'arm64', os: 'linux', config: {} }));
    const world = await aWorld(basicDoor);
    world.proxy.hurt(({ path }) => path.includes('/blobs/'), redirect(`http://${stranger.host}/blob`));
    expect((await world.pass()).states).toEqual(['1 held unreadable unreadable']);
    expect(stranger.heard.map(({ url }) => url)).toEqual(['GET /blob', 'GET /blob']);
    stranger.expectToldNothing();
    expect(await world.target()).toBeUndefined();
    world.proxy.heal();
    expect((await world.pass()).states).toEqual(['1 published']);
    await expectRight(world);
  });

  it.each(['a redirect to a port where nobody listens', 'a redirect that never ends'])(
    'stay where they are with %s',
    async what => {
      const world = await aWorld(basicDoor);
      const to = what.endsWith('ends') ? '/v2/round' : 'http://127.0.0.1:1/gone';
      world.proxy.hurt(({ path }) => path.endsWith('-arm64') || path === '/v2/round', redirect(to));
      const faulty = await world.pass();
      expect(faulty.error?.code).toBe(what.endsWith('ends') ? 'not-a-registry' : 'unreachable');
      expect(faulty.error?.message).toContain(':1-7-arm64');
      world.proxy.heal();
      expect((await world.pass()).states).toEqual(['1 published']);
      await expectRight(world);
      world.expectNoSecrets(faulty);
    },
  );

  it('go to the token server on this machine, and its token to the registry alone', async () => {
    const issuer = await aWorld(tokenDoor({}));
    const world = await aWorld(tokenDoor({ realm: `http://${issuer.proxy.host}/token` }));
    expect((await world.pass()).states).toEqual(['1 published']);
    const sent = (one: FaultyWorld) => new Set(one.proxy.seen.map(({ headers }) => headers.authorization));
    expect(sent(issuer)).toEqual(new Set([`Basic ${BASIC}`]));
    expect(sent(world)).not.toContain(`Basic ${BASIC}`);
    await expectRight(world);
    world.expectNoSecrets();
  });

  it('do not go to a token server elsewhere that is spoken to in plain http', async () => {
    const stranger = await aStranger('{"token":"none"}');
    const door = tokenDoor({ realm: 'http://tokens.example/token' });
    const asIf: typeof fetch = (input, init) => {
      const { host, pathname, search } = new URL(String(input));
      const to = host === 'tokens.example' ? stranger.host : host;
      return fetch(`http://${to}${pathname}${search}`, init);
    };
    const world = await aWorld({ guard: door.guard, client: { fetch: asIf } });
    const faulty = await world.pass();
    expect(faulty.error).toMatchObject({ code: 'unauthorized' });
    stranger.expectToldNothing();
    expect(await world.target()).toBeUndefined();
    world.expectNoSecrets(faulty);
  });

  // The first 8 requests go out side by side and are refused because nobody knew that a token is wanted.
  it.each([9, 10, 11, 12, 14, 16])('are shown again when tokens end at request %s', async at => {
    const door = tokenDoor({ ends: (_, count) => count === at });
    const world = await aWorld({ guard: door.guard });
    expect((await world.pass()).states).toEqual(['1 published']);
    expect(door.handedOut).toBeGreaterThan(1);
    await expectRight(world);
    world.expectNoSecrets();
  });

  it('are shown again when tokens end at the write, which is sent again because it was refused', async () => {
    let writes = 0;
    const ends = ({ method }: Passing) => method === 'PUT' && ++writes === 1;
    const world = await aWorld({ guard: tokenDoor({ ends }).guard });
    expect((await world.pass()).states).toEqual(['1 published']);
    expect(world.proxy.seen.filter(({ method }) => method === 'PUT')).toHaveLength(2);
    await expectRight(world);
    world.expectNoSecrets();
  });

  it('are refused for good without a half index, and with where they were looked for', async () => {
    const world = await aWorld({
      guard: () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }),
    });
    const { error } = await world.pass();
    expect(error).toMatchObject({ code: 'unauthorized', retryable: false });
    expect(error?.tried).toContain('the tests');
    expect(await world.target()).toBeUndefined();
    world.expectNoSecrets(error);
  });
});
