import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { digestOf } from '../../../lib/image/digest.ts';
import { BlobStream, type BlobStreamOptions } from '../../../lib/import/blob-stream.ts';
import type { CopySource } from '../../../lib/import/copy-ends.ts';
import { rateLimit } from '../../../lib/import/rate-limit.ts';
import { turns } from '../../../lib/import/turns.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';

const PART = 10;
const bytes = Uint8Array.from({ length: 35 }, (_, at) => at);
const blob = { digest: digestOf(bytes), size: bytes.length };
const broken = () =>
  new ArchweaveError({ code: 'registry-failed', attempt: 'read it', status: 502, retryable: true });

/** A source that sends `sent` in parts of ten bytes; each opening in turn breaks after so many of them. */
function sourceOf(sent: Uint8Array, breaks: readonly number[] = []) {
  const openings: number[] = [];
  const registry = new MemoryRegistry();
  registry.openBlob = async (_repository, _digest, { offset = 0 } = {}) => {
    const most = breaks[openings.length] ?? Number.POSITIVE_INFINITY;
    openings.push(offset);
    return (async function* () {
      for (let at = offset, count = 0; at < sent.length; at += PART, count++) {
        if (count >= most) throw broken();
        yield sent.subarray(at, at + PART);
      }
    })();
  };
  const source: CopySource = { registry, host: 'source.test', repository: 'app' };
  return { source, openings };
}

async function read(stream: BlobStream, offset = 0, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream.open(offset)) {
    parts.push(part);
    if (parts.length >= most) break;
  }
  return Buffer.concat(parts);
}

const streamOf = (source: CopySource, options: BlobStreamOptions = {}) =>
  new BlobStream(source, blob, options);

describe('the stream of a blob', () => {
  it('goes on where a source broke, and nobody who reads sees anything of it', async () => {
    const { source, openings } = sourceOf(bytes, [2, 1]);
    expect(await read(streamOf(source))).toEqual(Buffer.from(bytes));
    expect(openings).toEqual([0, 20, 30]);
  });

  it('tells where it is, also when it is asked for earlier bytes again', async () => {
    const heard: number[] = [];
    const stream = streamOf(sourceOf(bytes).source, { onPosition: at => heard.push(at) });
    await read(stream, 0, 2);
    expect(await read(stream, 5)).toEqual(Buffer.from(bytes.subarray(5)));
    expect(heard).toEqual([0, 10, 5, 15, 25, 35]);
  });

  it('never hands on the last bytes of what is wrong', async () => {
    const wrong = Uint8Array.from(bytes);
    wrong[3] = 99;
    const handed: number[] = [];
    const reading = (async () => {
      for await (const part of streamOf(sourceOf(wrong).source).open(0)) handed.push(part.length);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'digest-mismatch', side: 'source' });
    expect(handed).toEqual([10, 10, 10]);
  });

  it('notices wrong bytes also where it is read in two goes that overlap', async () => {
    const wrong = Uint8Array.from(bytes);
    wrong[33] = 99;
    const stream = streamOf(sourceOf(wrong).source);
    await read(stream, 0, 2);
    await expect(read(stream, 15)).rejects.toMatchObject({ code: 'digest-mismatch' });
  });

  it('leaves the digest to the target where another process sent the start', async () => {
    const { source } = sourceOf(bytes);
    expect(await read(streamOf(source), 20)).toEqual(Buffer.from(bytes.subarray(20)));
  });

  it('refuses a source that has more bytes than the manifest says', async () => {
    const { source } = sourceOf(Uint8Array.from({ length: 50 }));
    await expect(read(streamOf(source))).rejects.toMatchObject({ code: 'digest-mismatch' });
  });

  it('gives up a source that breaks again and again without a byte', async () => {
    const { source, openings } = sourceOf(bytes, [1, 0, 0, 0, 0, 0, 0, 0]);
    await expect(read(streamOf(source))).rejects.toMatchObject({ code: 'registry-failed', side: 'source' });
    expect(openings).toEqual([0, 10, 10, 10, 10, 10]);
  }, 10_000);

  it('waits for its turn with the first part handed on, and gives it back before the last one', async () => {
    const order = turns(1, 1_000_000);
    const held = await order.take();
    const first = streamOf(sourceOf(bytes).source, { turns: order }).open(0);
    expect((await first.next()).value).toHaveLength(10);
    const second = first.next();
    const early = await Promise.race([second, new Promise(resolve => setTimeout(resolve, 20, 'waiting'))]);
    expect(early).toBe('waiting');
    held();
    expect((await second).value).toHaveLength(10);
    await first.next();
    expect((await first.next()).value).toHaveLength(5);
    // It is not read to its end, as an upload of known length does not.
    (await order.take())();
  });

  it('ends at once when it is stopped while a limit holds it back', async () => {
    const stop = new AbortController();
    const stream = streamOf(sourceOf(bytes).source, { signal: stop.signal, limit: rateLimit(0.001) });
    const reading = stream.open(0);
    const waiting = reading.next();
    stop.abort();
    await waiting;
    await reading.return(undefined);
  });
});
