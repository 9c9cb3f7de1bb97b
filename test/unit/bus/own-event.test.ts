import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Announcement } from '../../../lib/assembly/announcement.ts';
import { repositoryArn } from '../../../lib/bus/eventbridge/repository-arn.ts';
import { type OwnEvent, ownEvent } from '../../../lib/bus/own-event.ts';
import { OCI_INDEX } from '../../../lib/image/media-types.ts';
import type { Rule } from '../../../lib/rules/rule.ts';
import { jsonSchemaErrors } from '../../support/json-schema.ts';
import { aRule, aWorld, REPOSITORY, START, type TestWorld } from '../assembly/a-world.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'docs', 'events');
const schemaOf = (type: string) =>
  JSON.parse(readFileSync(join(FOLDER, `${type.toLowerCase().replace(' ', '-')}.schema.json`), 'utf8'));
const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

const eventsOf = (told: readonly Announcement[], rules: readonly Rule[]): readonly OwnEvent[] =>
  told.map(announcement =>
    ownEvent(announcement, {
      rules,
      registryName: () => 'prod',
      repositoryArn: (_, repository) => repositoryArn(ECR, repository),
      config: '4be1c0ffee00',
      cause: { source: 'event', id: 'event-1', time: '2026-11-22T10:00:00Z' },
      mediaType: OCI_INDEX,
      now: START,
    }),
  );

/** The last event that comes of what the story does. */
async function eventOf(story: (world: TestWorld) => Promise<void>, rule: Rule = aRule()): Promise<OwnEvent> {
  const world = aWorld([rule]);
  await story(world);
  await world.settle();
  return eventsOf(world.told, [rule]).at(-1)!;
}

const STORIES: readonly [OwnEvent['type'], (world: TestWorld) => Promise<void>, Rule][] = [
  [
    'Index Published',
    async world => {
      await world.push('1.0-amd64', { build: 'b1' });
      await world.push('1.0-arm64', { arch: 'arm64', build: 'b1' });
    },
    aRule(),
  ],
  [
    'Index Held',
    async world => {
      await world.push('1.0-amd64', { arch: 's390x' });
      await world.push('1.0-arm64', { arch: 'arm64' });
    },
    aRule(),
  ],
  [
    'Index Overdue',
    async world => {
      await world.push('1.0-amd64');
      world.pass(2 * 3_600_000);
    },
    aRule(),
  ],
  [
    'Index Planned',
    async world => {
      await world.push('1.0-amd64');
      await world.push('1.0-arm64', { arch: 'arm64' });
    },
    aRule({ mode: 'report' }),
  ],
];

describe('an event of our own', () => {
  it.each(STORIES)(
    '%s is what its schema says, and its schema knows all of it',
    async (type, story, rule) => {
      const event = await eventOf(story, rule);
      expect(event.type).toBe(type);
      const schema = schemaOf(type);
      expect(schema.title).toBe(type);
      expect(jsonSchemaErrors(schema, event.detail)).toEqual([]);
      expect(jsonSchemaErrors(closed(schema), event.detail)).toEqual([]);
    },
  );

  it.each(STORIES)('%s is not what its schema says once a field is gone', async (type, story, rule) => {
    const { detail } = await eventOf(story, rule);
    for (const name of schemaOf(type).required) {
      const { [name]: _, ...rest } = detail;
      expect(jsonSchemaErrors(schemaOf(type), rest)).not.toEqual([]);
    }
  });

  it('tells what was published, where, of what and why', async () => {
    const [, story] = STORIES[0]!;
    const event = await eventOf(story);
    expect(event).toMatchObject({
      source: 'archweave',
      resources: [`arn:aws:ecr:eu-west-1:123456789012:repository/${REPOSITORY}`],
      time: '2026-11-22T10:00:00.000Z',
      detail: {
        registry: { host: 'registry.example', name: 'prod' },
        targets: ['1.0'],
        previous: null,
        mediaType: OCI_INDEX,
        build: { 'org.opencontainers.image.revision': 'b1' },
        platforms: [
          { platform: 'linux/amd64', tag: '1.0-amd64' },
          { platform: 'linux/arm64', tag: '1.0-arm64' },
        ],
        cause: { eventId: 'event-1', source: 'event', at: '2026-11-22T10:00:00Z' },
      },
    });
  });

  it('tells what is missing', async () => {
    const [, story] = STORIES[2]!;
    const { detail } = await eventOf(story);
    expect(detail).toMatchObject({ reason: 'missing-platform', missing: ['linux/arm64'], holds: null });
  });

  it('has one schema for each type, and no other', () => {
    const files = STORIES.map(([type]) => `${type.toLowerCase().replace(' ', '-')}.schema.json`);
    // Those of imports are held to theirs in test/unit/import/import-event.test.ts.
    const index = readdirSync(FOLDER).filter(name => name.startsWith('index-'));
    expect(index.toSorted()).toEqual(files.toSorted());
  });
});

describe('repositoryArn', () => {
  it.each([
    [ECR, `arn:aws:ecr:eu-west-1:123456789012:repository/a/b`],
    [
      '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn',
      'arn:aws-cn:ecr:cn-north-1:123456789012:repository/a/b',
    ],
    [
      '123456789012.dkr.ecr.us-gov-west-1.amazonaws.com',
      'arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/a/b',
    ],
    ['ghcr.io', undefined],
  ])('of %s is %s', (host, arn) => {
    expect(repositoryArn(host, 'a/b')).toBe(arn);
  });
});

/** The same schema, in which a property that it does not name is a mistake. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  const copy = Object.fromEntries(entries);
  // A reason's own facts are open: there are as many as there are reasons.
  const open = copy.additionalProperties !== undefined || 'code' in (copy.properties ?? {});
  return copy.properties !== undefined && !open ? { ...copy, additionalProperties: false } : copy;
}
