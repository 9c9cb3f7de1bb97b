import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import { type ImportEvent, importFailed, importFinished } from '../../../lib/import/import-event.ts';
import { jsonSchemaErrors } from '../../support/json-schema.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'docs', 'events');
const schemaOf = ({ type }: ImportEvent) =>
  JSON.parse(readFileSync(join(FOLDER, `${type.toLowerCase().replace(' ', '-')}.schema.json`), 'utf8'));

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest;
const facts = {
  name: 'mirror',
  source: { registry: 'a.example', repository: 'team/app', tag: '1.4.0' },
  target: { registry: 'contoso.azurecr.io', repository: 'mirror/team/app', tag: '1.4.0' },
  now: Date.parse('2026-11-22T10:00:00Z'),
  ms: 21_000,
};
const outcome = {
  kind: 'copied' as const,
  digest: DIGEST,
  tags: ['1.4.0'],
  bytes: { copied: 240_100_000, had: 60_000_000, total: 300_100_000 },
  blobs: 3,
  referrers: 1,
  dropped: [],
  moves: 0,
};
const finished = (more: object = {}) => importFinished(facts, { outcome: { ...outcome, ...more } });

describe('Import Finished', () => {
  it('says what was copied where, in how long', () => {
    const event = finished();
    expect(event).toMatchObject({
      source: 'archweave',
      type: 'Import Finished',
      time: '2026-11-22T10:00:00.000Z',
    });
    expect(event.detail.message).toBe(
      'team/app:1.4.0 is copied to contoso.azurecr.io/mirror/team/app:1.4.0: 240.1 MB in 21 s, verified',
    );
    expect(event.detail.reference).toBe(`contoso.azurecr.io/mirror/team/app@${DIGEST}`);
    expect(jsonSchemaErrors(schemaOf(event), event.detail)).toEqual([]);
  });

  it('counts what the registry fetched by itself, and says why it did not', () => {
    const bytes = { copied: 0, had: 300_100_000, total: 300_100_000 };
    const event = finished({ bytes, fetched: 240_100_000 });
    expect(event.detail).toMatchObject({ bytes: 0, fetched: 240_100_000, streamed: null });
    expect(event.detail.message).toMatch(/: 240\.1 MB in 21 s, verified$/);
    const streamed = finished({ streamed: { code: 'deadline', ms: 600_000 } });
    const reason = 'it was not done after 10 min';
    expect(streamed.detail).toMatchObject({ fetched: 0, streamed: { code: 'deadline', reason } });
    for (const { detail } of [event, streamed]) expect(jsonSchemaErrors(schemaOf(event), detail)).toEqual([]);
  });

  it('says what was left out', () => {
    const dropped = [{ digest: DIGEST, artifactType: 'x/y', code: 'unsupported', reason: 'no\u001b' }];
    const event = finished({ dropped });
    expect(String(event.detail.message)).toMatch(/verified; left out: 1, the registry refuses it$/);
    expect(JSON.stringify(event)).not.toContain('\\u001b"');
    expect(jsonSchemaErrors(schemaOf(event), event.detail)).toEqual([]);
  });
});

describe('Import Failed', () => {
  const refused = new ArchweaveError({ code: 'unauthorized', attempt: 'write x' });

  it('says why, and how far it came', () => {
    const reached = { copied: 100_200_000, had: 80_000_000, total: 240_100_000 };
    const event = importFailed(facts, refused, { retrying: false, reached });
    expect(event.detail.message).toBe(
      'team/app:1.4.0 is not copied to contoso.azurecr.io/mirror/team/app:1.4.0: the registry does not let you in. 180.2 MB of 240.1 MB are there; it goes on from there.',
    );
    expect(event.detail).toMatchObject({ code: 'unauthorized', retrying: false, bytes: 180_200_000 });
    expect(jsonSchemaErrors(schemaOf(event), event.detail)).toEqual([]);
  });

  it('tells nobody the words of an error that was made for nobody', () => {
    const event = importFailed(facts, new Error('token=secret'), { retrying: true });
    expect(JSON.stringify(event)).not.toContain('secret');
    expect(event.detail).toMatchObject({ code: 'internal', bytes: null, total: null });
    expect(jsonSchemaErrors(schemaOf(event), event.detail)).toEqual([]);
  });
});

describe('the schemas', () => {
  it.each([finished(), importFailed(facts, new Error(), { retrying: true })])(
    'need each field of an event',
    event => {
      const schema = schemaOf(event);
      expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(event.detail).sort());
      for (const field of Object.keys(event.detail)) {
        const { [field]: _, ...rest } = event.detail;
        expect(jsonSchemaErrors(schema, rest)).not.toEqual([]);
      }
    },
  );

  it('are one for each type of event of an import', () => {
    const files = readdirSync(FOLDER).filter(name => name.startsWith('import-'));
    expect(files.sort()).toEqual(['import-failed.schema.json', 'import-finished.schema.json']);
  });
});
