import { describe, expect, it } from '@jest/globals';
import type { WakeUp } from '../../../lib/assembly/wake-up.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import { digestOf } from '../../../lib/image/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { MemoryLedger } from '../../../lib/ledger/memory.ts';
import type { AssemblyRegistry } from '../../../lib/registry/interfaces.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { OwnWrites } from '../../../lib/server/own-writes.ts';
import { createPasses } from '../../../lib/server/passes.ts';
import type { ServeEvent } from '../../../lib/server/serve-event.ts';
import { ruleOf } from '../../support/rule.ts';

const TIME = '2026-11-22T10:00:00Z';

function setUp(breaking: Partial<AssemblyRegistry> = {}) {
  const events: ServeEvent[] = [];
  const stopping = new AbortController();
  const memory = new MemoryRegistry();
  const registry = { ...new OwnWrites().watching('r', memory), ...breaking };
  const run = createPasses({
    registries: new Map([['r', registry]]),
    ledger: new MemoryLedger(),
    rules: [ruleOf('r')],
    tell: event => events.push(event),
    now: () => Date.parse(TIME),
    elapsed: () => 100,
    signal: stopping.signal,
  });
  const wakeUp: WakeUp = {
    kind: 'verify',
    registry: 'r',
    repository: 'app',
    rule: 'built in',
    target: '1.0',
    captures: { version: '1.0' },
    cause: { source: 'event', id: '1', time: TIME },
  };
  return { events, stopping, run, batch: [{ wakeUp, came: 0 }], wakeUp, memory };
}

async function pushMember(registry: MemoryRegistry, tag: string): Promise<void> {
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64' }));
  const blob = { digest: digestOf(config), size: config.length };
  await registry.writeBlob('app', blob, async function* () {
    yield config;
  });
  const image = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, ...blob },
    layers: [],
  };
  const bytes = Buffer.from(JSON.stringify(image));
  await registry.writeManifest('app', tag, { bytes, digest: digestOf(bytes), mediaType: OCI_MANIFEST });
}

const failing = (more: object) => {
  const error = new ArchweaveError({ code: 'registry-failed', attempt: 'read app', ...more });
  return { error, readManifests: () => Promise.reject(error) };
};

describe('createPasses', () => {
  it('tells a change of state once', async () => {
    const { run, batch, events, memory } = setUp();
    await pushMember(memory, '1.0-amd64');
    await run(batch, 0);
    await run(batch, 0);
    expect(events).toEqual([
      expect.objectContaining({ kind: 'waiting', target: { registry: 'r', repository: 'app', tag: '1.0' } }),
    ]);
  });

  it('tells that a pass fails and comes again, the first time', async () => {
    const { error, readManifests } = failing({ retryable: true });
    const { run, batch, events } = setUp({ readManifests });
    await expect(run(batch, 0)).rejects.toBe(error);
    await expect(run(batch, 1)).rejects.toBe(error);
    expect(events).toEqual([
      { at: Date.parse(TIME), kind: 'failing', registry: 'r', repository: 'app', wakeUps: 1, error },
    ]);
  });

  it('leaves it to the queue to tell what does not come again', async () => {
    const { error, readManifests } = failing({ retryable: false });
    const { run, batch, events } = setUp({ readManifests });
    await expect(run(batch, 0)).rejects.toBe(error);
    expect(events).toEqual([]);
  });

  it('calls it an interruption where the process stops', async () => {
    const { readManifests } = failing({ retryable: true });
    const { run, batch, events, stopping } = setUp({ readManifests });
    stopping.abort();
    await expect(run(batch, 0)).rejects.toMatchObject({ code: 'interrupted', retryable: false });
    expect(events).toEqual([]);
  });

  it('does nothing for a registry that is not served any more', async () => {
    const { run, wakeUp, events } = setUp();
    await run([{ wakeUp: { ...wakeUp, registry: 'gone' }, came: 0 }], 0);
    expect(events).toEqual([]);
  });
});
