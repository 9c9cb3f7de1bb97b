import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isArchweaveError } from '../../../lib/errors.ts';
import { parseEvent } from '../../../lib/events/parse-event.ts';
import { eventFixture, spoiltEvent } from '../../support/event-fixture.ts';

const CONTEXT = { registry: 'configured.example' };
const FIXTURES = [
  ...['distribution-push', 'harbor-push', 'harbor-cloud-event', 'zot-updated'],
  ...['acr-push', 'event-grid-push', 'event-grid-cloud-event'],
];

describe('parseEvent', () => {
  it.each(FIXTURES)('knows the dialect of %s, whatever its content type', name => {
    for (const type of ['application/json', 'text/plain', undefined]) {
      const { pushes } = parseEvent(eventFixture(name), { 'content-type': type }, CONTEXT);
      expect(pushes).toEqual([
        expect.objectContaining({
          registry: 'configured.example',
          tag: expect.stringMatching(/^1\.4\.0(-amd64|-arm64)?$/),
          action: 'push',
        }),
      ]);
    }
  });

  it('knows a dialect by the header of an event whose body is the data alone', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-time': '2026-03-06T06:08:43Z' };
    for (const [name, type] of [
      ['zot-updated', 'zotregistry.image.updated'],
      ['harbor-cloud-event', 'harbor.artifact.pushed'],
      ['event-grid-cloud-event', 'Microsoft.ContainerRegistry.ImagePushed'],
    ] as const) {
      const body = spoiltEvent(name, event => event.data);
      expect(parseEvent(body, { ...headers, 'ce-type': type }, CONTEXT).pushes).toHaveLength(1);
    }
  });

  it("knows ACR's ping, which has little more than its action", () => {
    const ping = { id: '1', timestamp: '2026-01-17T16:52:01Z', action: 'ping' };
    expect(parseEvent(Buffer.from(JSON.stringify(ping)), {}, CONTEXT).ignored).toEqual([
      { reason: 'it is a ping' },
    ]);
  });

  it('says which dialects it understands where it knows none', () => {
    const what =
      'is missing or of another dialect; distribution, GitLab, zot, Harbor, ACR and Event Grid are understood';
    const refusal = (reason: string) => expect.objectContaining({ code: 'bad-event', reason });
    const parse =
      (event: object, headers = {}) =>
      () =>
        parseEvent(Buffer.from(JSON.stringify(event)), headers, CONTEXT);
    expect(parse({ push_data: {} })).toThrow(refusal(`events ${what}`));
    expect(parse({ specversion: '1.0', type: 'com.example' })).toThrow(refusal(`type ${what}`));
    expect(parse({ specversion: '1.0', type: 7 })).toThrow(refusal('type is not a string'));
    expect(parse({}, { 'ce-specversion': '1.0' })).toThrow(refusal(`ce-type ${what}`));
    expect(parse([])).toThrow(refusal('it is an empty list'));
    expect(parse({ action: 'published', registry_package: {} })).toThrow(refusal(`events ${what}`));
  });

  it('throws nothing but bad-event, whatever a field is replaced with', () => {
    const paths = FIXTURES.flatMap(name => {
      const leaves: (readonly [string, readonly string[]])[] = [];
      const walk = (value: unknown, path: readonly string[]) => {
        if (path.length > 0) leaves.push([name, path]);
        if (typeof value === 'object' && value !== null) {
          for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
        }
      };
      walk(JSON.parse(Buffer.from(eventFixture(name)).toString()), []);
      return leaves;
    });
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), ([name, path], value) => {
        const body = spoiltEvent(name, event => {
          let place = event;
          for (const key of path.slice(0, -1)) place = place[key];
          place[path.at(-1)!] = value;
        });
        try {
          for (const push of parseEvent(body, {}, CONTEXT).pushes) {
            expect(push.registry).toBe('configured.example');
            expect(push.tag ?? 'none').toMatch(/^[\w.-]{1,128}$/);
            expect(push.repository).toMatch(/^[a-z0-9._/-]{1,255}$/);
            expect(push.id).toMatch(/^[\x21-\x7e]{1,300}$/);
            expect(Number.isFinite(Date.parse(push.time))).toBe(true);
          }
        } catch (error) {
          if (!isArchweaveError(error)) throw error;
          expect(error.code).toBe('bad-event');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('throws nothing but bad-event for bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        expect(() => parseEvent(bytes, {}, CONTEXT)).toThrow(expect.objectContaining({ code: 'bad-event' }));
      }),
    );
  });
});
