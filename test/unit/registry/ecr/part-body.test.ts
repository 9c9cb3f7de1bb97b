import { createHash } from 'node:crypto';
import { ECRClient, UploadLayerPartCommand } from '@aws-sdk/client-ecr';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PartBody } from '../../../../lib/registry/ecr/part-body.ts';
import { memoryOf } from '../../../../lib/registry/ecr/part-size.ts';

interface Sent {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A client whose requests go nowhere: what it would send, and an answer to each. */
function aClient(...statuses: readonly number[]) {
  const sent: Sent[] = [];
  const client = new ECRClient({
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 2,
    requestHandler: {
      handle: async ({ body, headers }: Sent) => {
        const text = new TextDecoder().decode(typeof body === 'string' ? Buffer.from(body) : body);
        const statusCode = statuses[sent.length] ?? 200;
        sent.push({ body: text, headers: { ...headers } });
        return { response: { statusCode, headers: {}, body: Buffer.from('{}') } };
      },
    },
  });
  return { client, sent };
}

const input = (length: number) => ({
  registryId: '123456789012',
  repositoryName: 'team/app',
  uploadId: '00000000-0000-4000-8000-000000000000',
  partFirstByte: 7,
  partLastByte: 7 + length - 1,
});

const PIECE = 48 * 1024;
const someBytes = fc
  .oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: PIECE - 3, max: 2 * PIECE + 3 }))
  .chain(length => fc.uint8Array({ minLength: 1, maxLength: 16 }).map(seed => repeated(seed, length)));

function repeated(seed: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => seed[at % seed.length]! ^ (at >> 8));
}

describe('the body of a part', () => {
  it('is what the SDK would send, however the bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, fc.integer({ min: 1, max: PIECE }), async (bytes, step) => {
        const body = new PartBody(
          input(bytes.length),
          bytes.length,
          Buffer.alloc(memoryOf(bytes.length), 'x'),
        );
        for (let at = 0; at < bytes.length; at += step) {
          const lent = bytes.slice(at, at + step);
          body.take(lent);
          lent.fill(0);
        }
        const { client, sent } = aClient();
        await client.send(new UploadLayerPartCommand({ ...input(bytes.length), layerPartBlob: bytes }));
        await client.send(body.command());
        const [theirs, ours] = sent as [Sent, Sent];
        expect(JSON.parse(ours.body as string)).toEqual(JSON.parse(theirs.body as string));
        expect(ours.headers['content-length']).toBe(theirs.headers['content-length']);
        expect(ours.headers['content-type']).toBe(theirs.headers['content-type']);
      }),
      { numRuns: 30 },
    );
  });

  it('is what is signed', async () => {
    const body = new PartBody(input(3), 3, Buffer.alloc(memoryOf(3)));
    body.take(Buffer.from('abc'));
    const { client, sent } = aClient();
    await client.send(body.command());
    const [{ body: text, headers }] = sent as [Sent];
    expect(text).toContain('"layerPartBlob":"YWJj"');
    expect(headers['x-amz-content-sha256']).toBe(createHash('sha256').update(text).digest('hex'));
    expect(headers.authorization).toContain('x-amz-content-sha256');
  });

  it('is sent whole again where the SDK tries again', async () => {
    const body = new PartBody(input(3), 3, Buffer.alloc(memoryOf(3)));
    body.take(Buffer.from('abc'));
    const { client, sent } = aClient(503, 200);
    await client.send(body.command());
    expect(sent).toHaveLength(2);
    expect(sent[1]!.body).toBe(sent[0]!.body);
  });

  it('finds memory of its own where its head is longer than anybody thought', async () => {
    const long = { ...input(3), repositoryName: 'x'.repeat(5000) };
    const body = new PartBody(long, 3, Buffer.alloc(memoryOf(3)));
    body.take(Buffer.from('abc'));
    const { client, sent } = aClient();
    await client.send(body.command());
    expect(JSON.parse(sent[0]!.body as string)).toMatchObject({ ...long, layerPartBlob: 'YWJj' });
  });
});
