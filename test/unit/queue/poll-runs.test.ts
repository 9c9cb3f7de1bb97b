import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { ParsedEvents } from '../../../lib/events/parsed-events.ts';
import { createPollRuns } from '../../../lib/queue/poll-runs.ts';
import { PollMemory } from '../../../lib/server/poll-memory.ts';
import { sampleImage } from '../../support/e2e-images.ts';
import { pushToMemory } from '../../support/push-to-memory.ts';
import { RecentMemoryRegistry } from '../../support/recent-memory-registry.ts';
import { ruleOf } from '../../support/rule.ts';
import { recordTelemetry } from '../../support/telemetry-recorder.ts';

const HOST = 'contoso.azurecr.io';

function setUp(registry = new RecentMemoryRegistry()) {
  const taken: ParsedEvents[] = [];
  const telemetry = recordTelemetry();
  const run = createPollRuns({
    readerOf: host => (host === HOST ? registry : undefined),
    rules: [ruleOf(HOST)],
    store: new PollMemory(),
    take: async events => void taken.push(events),
    telemetry,
    now: Date.now,
    timeout: () => new AbortController().signal,
  });
  return { run, taken, telemetry, registry };
}

describe('a run of polling', () => {
  it('hands on what is new and tells how much', async () => {
    const { run, taken, telemetry, registry } = setUp();
    await run([HOST], 30_000);
    await new Promise(resolve => setTimeout(resolve, 2));
    await pushToMemory(registry, 'app', '1.0-amd64', sampleImage({ os: 'linux', architecture: 'amd64' }));
    await run([HOST], 30_000);
    expect(taken.flatMap(({ pushes }) => pushes.map(({ tag }) => tag))).toEqual(['1.0-amd64']);
    expect(telemetry.lines.map(({ event, facts }) => [event, facts.pushes])).toEqual([
      ['polled', 0],
      ['polled', 1],
    ]);
  });

  it('looks at all registries, and fails where one of them could not be looked at at all', async () => {
    class Broken extends RecentMemoryRegistry {
      override listRepositories(): AsyncIterable<readonly string[]> {
        throw new ArchweaveError({ code: 'unauthorized', attempt: 'list repositories' });
      }
    }
    const { run, telemetry } = setUp(new Broken());
    await expect(run([HOST, 'other.azurecr.io'], 30_000)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(
      telemetry.lines.map(({ event, facts }) => [event, facts.registry, facts.code ?? facts.reason]),
    ).toEqual(
      expect.arrayContaining([
        ['failed', HOST, 'unauthorized'],
        ['ignored', 'other.azurecr.io', 'unknown registry'],
      ]),
    );
  });
});
