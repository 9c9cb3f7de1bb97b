import type { Digest } from '../image/digest.ts';
import { formatPlatform } from '../image/platform.ts';
import type { CopyWork } from './plan.ts';
import type { PlannedBlob } from './planned-blobs.ts';
import type { ByteCount, CopyProgress, ImageProgress } from './progress.ts';

interface Part {
  readonly platform?: string;
  readonly digest: Digest;
  copied: number;
  had: number;
  readonly total: number;
}

/** Counts what was copied, for the images and in all, and tells it. */
export class Tally {
  readonly #onProgress: (progress: CopyProgress) => void;
  readonly #images: readonly Part[];
  readonly #total: Part;
  readonly #blobs: number;
  readonly #reached = new Map<Digest, number>();
  readonly #done = new Set<Digest>();
  #phase: CopyProgress['phase'] = 'copying';
  #state: string | undefined;

  constructor(plan: CopyWork, onProgress: (progress: CopyProgress) => void = () => {}) {
    this.#onProgress = onProgress;
    const rest = plan.referrers.map(({ digest, bytes }) => ({ digest, ...bytes }));
    const images = plan.images.map(({ digest, platform, ...bytes }) => ({
      digest,
      ...(platform && { platform: formatPlatform(platform) }),
      ...bytes,
    }));
    this.#images = [...images, ...rest];
    const all = [plan.bytes, ...plan.referrers.map(({ bytes }) => bytes)];
    const sum = (name: keyof ByteCount) => all.reduce((bytes, one) => bytes + one[name], 0);
    this.#total = { digest: plan.root.digest, copied: 0, had: sum('had'), total: sum('total') };
    const lists = [plan.blobs, ...plan.referrers.map(({ blobs }) => blobs)];
    this.#blobs = lists.reduce((count, blobs) => count + blobs.length, 0);
  }

  /** Bytes that this run has sent of blobs, each counted once however often it was sent. */
  get sent(): number {
    return this.#total.copied;
  }

  get bytes(): ByteCount {
    const { copied, had, total } = this.#total;
    return { copied, had, total };
  }

  /** Blobs that are there now and were not before. */
  get done(): number {
    return this.#done.size;
  }

  isWhole(blobs: readonly PlannedBlob[]): boolean {
    return blobs.every(({ digest }) => this.#done.has(digest));
  }

  /** `state` is what the registry says of an import of its own. */
  phase(phase: CopyProgress['phase'], state?: string): void {
    this.#phase = phase;
    this.#state = state;
    this.#tell();
  }

  /** The blob is sent up to here; what was there before counts as had. */
  reach(blob: PlannedBlob, bytes: number): void {
    const had = Math.min(blob.at?.offset ?? 0, blob.size);
    const before = this.#reached.get(blob.digest) ?? had;
    this.#reached.set(blob.digest, bytes);
    this.#add(blob, 'copied', Math.max(bytes, had) - Math.max(before, had));
    // What an earlier run sent was lost after all.
    const lost = Math.min(bytes, had) - Math.min(before, had);
    if (lost !== 0) this.#add(blob, 'had', lost);
    this.#tell();
  }

  finish(blob: PlannedBlob, mounted: boolean): void {
    this.#done.add(blob.digest);
    if (mounted) {
      // Whatever was counted of it on the way is in that.
      const begun = Math.min(blob.at?.offset ?? 0, blob.size);
      const reached = this.#reached.get(blob.digest) ?? begun;
      this.#add(blob, 'copied', -Math.max(0, reached - begun));
      this.#add(blob, 'had', blob.size - Math.min(reached, begun));
      this.#tell();
    } else {
      this.reach(blob, blob.size);
    }
  }

  /** It is not copied after all, and nothing waits for it. */
  skip(blob: PlannedBlob): void {
    this.finish(blob, true);
  }

  #add({ of }: PlannedBlob, name: 'copied' | 'had', bytes: number): void {
    this.#total[name] += bytes;
    for (const image of this.#images) if (of.includes(image.digest)) image[name] += bytes;
  }

  #tell(): void {
    this.#onProgress({
      phase: this.#phase,
      images: this.#images as readonly ImageProgress[],
      total: this.#total,
      blobs: { done: this.#done.size, total: this.#blobs },
      ...(this.#state !== undefined && { state: this.#state }),
    });
  }
}
