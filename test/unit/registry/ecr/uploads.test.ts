import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import type { UploadOptions } from '../../../../lib/registry/interfaces.ts';
import { bytesOf, expectRefusal, stream } from '../../../contract/registry-content.ts';
import { EcrFault } from '../../../support/ecr-fake-world.ts';
import { anEcr } from './an-ecr.ts';

const stops: (() => Promise<void>)[] = [];
const after = (stop: () => Promise<void>): void => void stops.push(stop);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const MIB = 1024 * 1024;
const large = new Uint8Array(randomBytes(11 * MIB));
const blob = { digest: digestOf(large), size: large.length };

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 5));
}

describe('uploading a layer to ECR', () => {
  it('sends parts of five MiB, counts them itself, and asks first whether it is there', async () => {
    const { registry, fake, asked } = await anEcr(after);
    const opened: number[] = [];
    const open = (offset: number) => {
      opened.push(offset);
      return stream(large, offset, 100_000);
    };
    await registry.writeBlob('app', blob, open);
    const parts = fake.calls.filter(({ operation }) => operation === 'UploadLayerPart');
    expect(parts.map(({ input }) => [input.partFirstByte, input.partLastByte])).toEqual([
      [0, 5 * MIB - 1],
      [5 * MIB, 10 * MIB - 1],
      [10 * MIB, 11 * MIB - 1],
    ]);
    expect(asked()).toEqual([
      'BatchCheckLayerAvailability',
      'InitiateLayerUpload',
      'UploadLayerPart',
      'UploadLayerPart',
      'UploadLayerPart',
      'CompleteLayerUpload',
    ]);
    await registry.writeBlob('app', blob, open);
    expect(asked()).toEqual(['BatchCheckLayerAvailability']);
    expect(opened).toEqual([0]);
    expect(await registry.statBlob('app', blob.digest)).toBe(large.length);
  });

  it('goes on from where ECR says that its bytes end', async () => {
    const { registry, fake } = await anEcr(after);
    const opened: number[] = [];
    let lost = false;
    // The first part lands, and its answer is lost: sent again, it is refused with what is there.
    fake.amend = ({ operation }, answer) => {
      if (operation !== 'UploadLayerPart' || lost) return answer;
      lost = true;
      throw new EcrFault('ServerException', 'lost');
    };
    await registry.writeBlob('app', blob, offset => {
      opened.push(offset);
      return stream(large, offset);
    });
    expect(await registry.statBlob('app', blob.digest)).toBe(large.length);
    expect(opened).toEqual([0]);
  });

  it('opens the source again where ECR has less than was sent', async () => {
    const { registry, fake } = await anEcr(after);
    const opened: number[] = [];
    fake.before = async ({ operation, input }) => {
      if (operation !== 'UploadLayerPart' || input.partFirstByte !== 10 * MIB || opened.length > 1) return;
      const less = { lastValidByteReceived: -1 };
      fake.storage.uploads.cancel({ id: input.uploadId! });
      fake.before = () => {};
      throw new EcrFault('InvalidLayerPartException', 'less', less);
    };
    await registry.writeBlob('app', blob, offset => {
      opened.push(offset);
      return stream(large, offset);
    });
    // Back to the start; by then ECR has forgotten the upload, which is begun again.
    expect(opened).toEqual([0, 0, 0]);
    expect(await registry.statBlob('app', blob.digest)).toBe(large.length);
  });

  it('gives up where ECR takes no further part, and where it forgets the upload again and again', async () => {
    const { registry, fake } = await anEcr(after);
    const stuck = new EcrFault('InvalidLayerPartException', 'stuck', { lastValidByteReceived: -1 });
    fake.failNext('UploadLayerPart', stuck, 9);
    const small = bytesOf('small');
    const write = () =>
      registry.writeBlob('app', { digest: digestOf(small), size: 5 }, offset => stream(small, offset));
    await expect(write()).rejects.toMatchObject({ code: 'registry-failed', retryable: true });
    const { fake: other, registry: another } = await anEcr(after);
    other.failNext('UploadLayerPart', new EcrFault('UploadNotFoundException', 'gone'), 2);
    const again = another.writeBlob('app', { digest: digestOf(small), size: 5 }, offset =>
      stream(small, offset),
    );
    await expect(again).rejects.toMatchObject({ code: 'registry-failed', retryable: true });
  });

  it('gives up where ECR loses again and again what it had taken', async () => {
    const { registry, fake, asked } = await anEcr(after);
    const lost = new EcrFault('InvalidLayerPartException', 'lost', { lastValidByteReceived: -1 });
    // The first part is taken each time, the second one never.
    fake.before = ({ operation, input }) => {
      if (operation !== 'UploadLayerPart') return;
      if (input.partFirstByte !== 0) throw lost;
      fake.amend = () => ({ lastByteReceived: input.partLastByte });
      const upload = fake.storage.uploads.find('app', input.uploadId!)!;
      Object.assign(upload, { size: 0 });
    };
    const work = registry.writeBlob('app', blob, offset => stream(large, offset));
    await expect(work).rejects.toMatchObject({ code: 'registry-failed', retryable: true });
    expect(asked().filter(operation => operation === 'UploadLayerPart').length).toBeLessThan(12);
  }, 20_000);

  it('holds twenty MiB of parts at most, however many layers go at once', async () => {
    const { registry, fake } = await anEcr(after);
    const layers = Array.from({ length: 8 }, () => new Uint8Array(randomBytes(6 * MIB)));
    // What was taken from the sources and has not been answered for.
    let held = 0;
    let most = 0;
    fake.amend = ({ operation, input }, answer) => {
      if (operation === 'UploadLayerPart') held -= input.partLastByte! - input.partFirstByte! + 1;
      return answer;
    };
    const counted = async function* (layer: Uint8Array, offset: number) {
      for await (const piece of stream(layer, offset, 500_000)) {
        held += piece.length;
        most = Math.max(most, held);
        yield piece;
      }
    };
    const writing = layers.map(layer =>
      registry.writeBlob('app', { digest: digestOf(layer), size: layer.length }, at => counted(layer, at)),
    );
    await Promise.all(writing);
    expect(most).toBeGreaterThan(15 * MIB);
    // A piece that reaches into the next part is there already.
    expect(most).toBeLessThanOrEqual(20 * MIB + 4 * 500_000);
    for (const layer of layers) expect(await registry.statBlob('app', digestOf(layer))).toBe(layer.length);
  });

  it('ends at once where it is stopped or paused while it waits for memory', async () => {
    const { registry, fake } = await anEcr(after);
    const goOn = Promise.withResolvers<void>();
    let opened = 0;
    const late = async function* (offset: number) {
      opened += 1;
      await goOn.promise;
      yield* stream(large, offset);
    };
    const upload = (options: UploadOptions = {}) =>
      registry.uploadBlob('app', blob, late, undefined, options);
    const begun = () => fake.calls.filter(({ operation }) => operation === 'InitiateLayerUpload').length;
    const holding = Array.from({ length: 4 }, () => upload());
    await until(() => opened === 4);
    const [stop, pause] = [new AbortController(), new AbortController()];
    const stopped = upload({ signal: stop.signal });
    const paused = upload({ pause: pause.signal });
    await until(() => begun() === 6);
    stop.abort();
    pause.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect(await paused).toMatchObject({ offset: 0, done: false, upload: expect.any(String) });
    expect(opened).toBe(4);
    goOn.resolve();
    for (const outcome of await Promise.all(holding)) expect(outcome.done).toBe(true);
  });

  it('lets the others go on where one has failed', async () => {
    const { registry } = await anEcr(after);
    const failing = Array.from({ length: 3 }, () =>
      registry.writeBlob('app', blob, () => {
        throw new Error('the source failed');
      }),
    );
    for (const work of failing) await expect(work).rejects.toThrow('the source failed');
    await registry.writeBlob('app', blob, offset => stream(large, offset));
    expect(await registry.statBlob('app', blob.digest)).toBe(large.length);
  });

  it('is content where somebody else was faster', async () => {
    const { registry, fake } = await anEcr(after);
    const small = bytesOf('small');
    const write = () => registry.writeBlob('app', { digest: digestOf(small), size: 5 }, () => stream(small));
    let first = true;
    fake.before = async ({ operation }) => {
      if (operation !== 'CompleteLayerUpload' || !first) return;
      first = false;
      await write();
    };
    await write();
    expect(await registry.statBlob('app', digestOf(small))).toBe(5);
  });

  it('says that the source was too short, or failed, and what ECR cannot hold', async () => {
    const { registry } = await anEcr(after);
    const short = registry.writeBlob('app', blob, () => stream(large.subarray(0, 100)));
    await expectRefusal(short, 'malformed');
    const failure = new Error('the source failed');
    const failing = registry.writeBlob('app', blob, () => {
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    const none = bytesOf('');
    const empty = registry.writeBlob('app', { digest: digestOf(none), size: 0 }, () => stream(none));
    await expectRefusal(empty, 'unsupported');
    const digest = digestOf(large, 'sha512');
    await expectRefusal(
      registry.writeBlob('app', { ...blob, digest }, () => stream(large)),
      'unsupported',
    );
  });
});
