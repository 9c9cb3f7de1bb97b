import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import type { Fault, Passing } from '../../support/fault-proxy.ts';
import { describeWith } from '../../support/tools.ts';
import { BASIC, DEADLINE, type FaultyWorld, faultyWorld } from './faulty-world.ts';

const PLACES = {
  'the manifest of a member': ({ method, path }: Passing) => method === 'GET' && path.endsWith('-arm64'),
  'the config of an image': ({ method, path }: Passing) => method === 'GET' && path.includes('/blobs/'),
  'the list of tags': ({ path }: Passing) => path.includes('/tags/list'),
  'the write': ({ method }: Passing) => method === 'PUT',
};
type Place = keyof typeof PLACES;

/** What the error must name. */
const NAMES: Readonly<Record<Place, RegExp>> = {
  'the manifest of a member': /\/faults\/r\d+:1-7-arm64\b/,
  'the config of an image': /\/faults\/r\d+@sha256:[0-9a-f]{64}\b/,
  'the list of tags': /\/faults\/r\d+\b/,
  'the write': /\/faults\/r\d+:1\b/,
};

const answer = (status: number, headers: Record<string, string> = {}, body = ''): Fault => ({
  answer: { status, headers, body },
});
const TOO_MANY = answer(429);
const IN_A_SECOND = answer(429, { 'retry-after': '1' });
const IN_AN_HOUR = answer(429, { 'retry-after': '3600' });
const BAD_GATEWAY = answer(502, { 'content-type': 'text/html' }, '<html>bad gateway</html>');
const UNAVAILABLE = answer(503, {}, '{"errors":[{"code":"UNAVAILABLE","message":"later"}]}');

const UNREADABLE = {
  'the manifest of a member': '1 held unreadable',
  'the config of an image': '1 held unreadable unreadable',
};

/** A fault that stays, and what a pass comes to at each place: an error's code, or the target's state. */
const LASTING: readonly (readonly [string, Fault, Partial<Record<Place, string>>])[] = [
  ['429', TOO_MANY, all('throttled')],
  ['429 that says to come back in an hour', IN_AN_HOUR, all('throttled')],
  ['500', answer(500), all('registry-failed')],
  ['502 with a page', BAD_GATEWAY, all('registry-failed')],
  ['503', UNAVAILABLE, all('registry-failed')],
  ['a reset before the body', 'reset before', all('unreachable')],
  ['a reset in the body', 'reset in the body', reads('unreachable')],
  // The write landed, which the look that follows it sees.
  ['a reset instead of an answer', 'answer lost', { 'the write': '1 unchanged same-bytes' }],
  ['a body that is cut short', 'cut short', { ...UNREADABLE, 'the list of tags': 'not-a-registry' }],
  ['a body of a byte at a time', 'a byte at a time', reads('timeout')],
  // A write is not believed to have gone well then.
  [
    'a wrong digest',
    'wrong digest',
    { 'the manifest of a member': '1 held unreadable', 'the write': 'digest-mismatch' },
  ],
  ['wrong bytes', 'wrong bytes', UNREADABLE],
  [
    'an endless body',
    'endless',
    { ...UNREADABLE, 'the list of tags': 'too-large', 'the write': '1 published' },
  ],
];

function reads(comes: string): Partial<Record<Place, string>> {
  return { 'the manifest of a member': comes, 'the config of an image': comes, 'the list of tags': comes };
}

function all(comes: string): Partial<Record<Place, string>> {
  return { ...reads(comes), 'the write': comes };
}

const rows = LASTING.flatMap(([name, fault, places]) =>
  Object.entries(places).map(([place, comes]) => [name, place as Place, comes, fault] as const),
);

describeWith(['docker-registry'], 'a registry that fails', () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterAll(() => registry?.stop());

  const inWorld = async (work: (world: FaultyWorld) => Promise<void>): Promise<void> => {
    const world = await faultyWorld(registry.host, {
      guard: ({ headers }) =>
        headers.authorization === `Basic ${BASIC}`
          ? undefined
          : { status: 401, headers: { 'www-authenticate': 'Basic realm="proxy"' } },
    });
    try {
      await work(world);
      await world.expectNothingElse();
    } finally {
      await world.stop();
    }
  };
  const expectRight = async (world: FaultyWorld) => {
    expect((await world.target())?.children).toEqual(world.images.map(({ digest }) => digest));
  };

  it.each(rows)('with %s at %s makes nothing wrong, says so and is made up for', (_, place, comes, fault) =>
    inWorld(async world => {
      const kind = place === 'the list of tags' ? 'verify' : 'group';
      world.proxy.hurt(PLACES[place], fault);
      const faulty = await world.pass(kind);
      expect(faulty.error?.code ?? faulty.states.join()).toBe(comes);
      expect(faulty.ms).toBeLessThan(DEADLINE + 2_000);
      if (faulty.error) {
        expect(faulty.error.message).toMatch(NAMES[place]);
        expect(faulty.error.where).toMatch(/^(GET|PUT) http:\/\/127\.0\.0\.1:\d+\/v2\/faults\//);
      }
      // As `expectNothingElse` says at the end, what was written up to now is right.
      if (place !== 'the write') expect(await world.target()).toBeUndefined();
      world.proxy.heal();
      const healed = await world.pass(kind);
      expect(healed.states[0]).toMatch(/^1 (published|unchanged same-bytes)$/);
      await expectRight(world);
      world.expectNoSecrets(faulty, healed);
    }),
  );

  it.each([
    ['429 that says to come back in a second', 'the manifest of a member', IN_A_SECOND],
    ['429 that says to come back in a second', 'the write', IN_A_SECOND],
    ['500', 'the config of an image', answer(500)],
    ['503', 'the manifest of a member', UNAVAILABLE],
    ['a reset before the body', 'the config of an image', 'reset before'],
    ['a reset in the body', 'the manifest of a member', 'reset in the body'],
    ['a reset before the body', 'the write', 'reset before'],
  ] as const)('with %s at %s for a moment gets there in one pass', (_, place, fault) =>
    inWorld(async world => {
      world.proxy.hurt(PLACES[place], fault, 1);
      const { states, ms } = await world.pass();
      expect(states).toEqual(['1 published']);
      if (fault === IN_A_SECOND) expect(ms).toBeGreaterThan(1_000);
      await expectRight(world);
    }),
  );

  it('sends a write whose answer was lost once', () =>
    inWorld(async world => {
      world.proxy.hurt(PLACES['the write'], 'answer lost', 1);
      expect((await world.pass()).states).toEqual(['1 unchanged same-bytes']);
      expect(world.proxy.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1);
      await expectRight(world);
    }));
});
