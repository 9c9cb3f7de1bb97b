import { CompleteLayerUploadCommand, InitiateLayerUploadCommand } from '@aws-sdk/client-ecr';
import { ArchweaveError } from '../../errors.ts';
import type { BlobWriter, CallOptions, UploadOptions, UploadState } from '../interfaces.ts';
import { type About, ask, type EcrAccess, nameOf, registryOf } from './access.ts';
import { statBlob } from './layer-reads.ts';
import { PartBody } from './part-body.ts';
import type { PartShare } from './part-memory.ts';
import { partSizeOf } from './part-size.ts';
import { PartSource } from './part-source.ts';

/** How often it goes back to where ECR says that its bytes end, without getting on, before it gives up. */
const PATIENCE = 3;

type Blob = Parameters<BlobWriter['writeBlob']>[1];
type Open = Parameters<BlobWriter['writeBlob']>[2];

/** `BlobWriter.writeBlob`, by UploadLayerPart. ECR takes no blob without bytes, and none by another digest than sha256. */
export async function writeBlob(
  access: EcrAccess,
  repository: string,
  blob: Blob,
  open: Open,
  options: CallOptions = {},
): Promise<void> {
  const about = aboutWriting(access, repository, blob);
  if ((await statBlob(access, repository, blob.digest, options)) !== undefined) return;
  await new LayerUpload(access, about, blob, open, undefined, options).run();
}

/** `BlobUploader.uploadBlob`, in whole parts: the offset is counted by us, and ECR says where it has another. */
export async function uploadBlob(
  access: EcrAccess,
  repository: string,
  blob: Blob,
  open: Open,
  at: UploadState | undefined,
  options: UploadOptions = {},
): Promise<UploadState> {
  const about = aboutWriting(access, repository, blob);
  return new LayerUpload(access, about, blob, open, at, options).run();
}

type Writing = About & { readonly repository: string };

function aboutWriting(access: EcrAccess, repository: string, { digest, size }: Blob): Writing {
  const reference = nameOf(access, repository, digest);
  const attempt = `write ${reference}`;
  const unsupported = (reason: string) =>
    new ArchweaveError({ code: 'unsupported', attempt, reference, reason });
  if (!digest.startsWith('sha256:')) throw unsupported('ECR knows sha256 only');
  if (size === 0) throw unsupported('ECR takes no layer without bytes');
  return { operation: 'UploadLayerPart', attempt, reference, repository };
}

class LayerUpload {
  readonly #access: EcrAccess;
  readonly #about: Writing;
  readonly #blob: Blob;
  readonly #open: Open;
  readonly #options: UploadOptions;
  #upload: { readonly uploadId: string; readonly partSize: number } | undefined;
  /** Counted here: what ECR says of it is looked at only where a part was refused. */
  #offset: number;
  #source: PartSource | undefined;
  #share: PartShare | undefined;

  constructor(
    access: EcrAccess,
    about: Writing,
    blob: Blob,
    open: Open,
    at: UploadState | undefined,
    options: UploadOptions,
  ) {
    this.#access = access;
    this.#about = about;
    this.#blob = blob;
    this.#open = open;
    this.#options = options;
    this.#offset = at?.offset ?? 0;
    if (at?.upload !== undefined) this.#upload = { uploadId: at.upload, partSize: partSizeOf(blob.size) };
  }

  /** An upload that ECR has forgotten is begun again once. */
  async run(): Promise<UploadState> {
    try {
      let outcome = await this.#send();
      if (outcome === 'forgotten') {
        this.#upload = undefined;
        outcome = await this.#send();
      }
      if (outcome === 'forgotten') {
        const reason = 'ECR forgets the upload while it is under way';
        throw this.#error('registry-failed', reason, true);
      }
      return outcome === 'done' ? { offset: this.#blob.size, done: true } : this.#state();
    } finally {
      await this.#source?.close();
      this.#share?.giveBack();
    }
  }

  #state(): UploadState {
    const upload = this.#upload?.uploadId;
    return { ...(upload !== undefined && { upload }), offset: this.#offset, done: false };
  }

  async #send(): Promise<'done' | 'paused' | 'forgotten'> {
    const { size } = this.#blob;
    if (this.#upload === undefined) {
      this.#upload = await this.#begin();
      await this.#goTo(0);
      this.#options.onState?.(this.#state());
    }
    const { uploadId, partSize } = this.#upload;
    const end = this.#offset + (this.#options.most ?? size);
    // Up to the last part, and not for each anew: a source that is open would wait meanwhile, and give up.
    this.#share ??= await this.#turn(Math.min(partSize, size));
    if (this.#share === undefined) return 'paused';
    const { memory } = this.#share;
    for (let rewound = 0, furthest = this.#offset; this.#offset < size; ) {
      if (this.#offset >= end || this.#options.pause?.aborted) return 'paused';
      const before = this.#offset;
      const reached = await this.#sendPart(uploadId, Math.min(partSize, size - before), memory);
      if (reached === 'forgotten') return reached;
      if (reached > furthest) rewound = 0;
      else if (reached <= before) rewound += 1;
      furthest = Math.max(furthest, reached);
      if (rewound > PATIENCE) throw this.#error('registry-failed', 'ECR takes no further part of it', true);
      await this.#goTo(reached);
      this.#options.onState?.(this.#state());
    }
    this.#share.giveBack();
    // One that ECR forgets by now is sent again, and waits again.
    this.#share = undefined;
    return this.#complete(uploadId);
  }

  /** Memory for its parts; undefined where it is paused while it waits for that. */
  async #turn(bytes: number): Promise<PartShare | undefined> {
    const { signal, pause } = this.#options;
    const wake = [signal, pause].filter(one => one !== undefined);
    const share = await this.#access.parts.take(bytes, AbortSignal.any(wake));
    if (share === undefined && signal?.aborted) {
      const { attempt } = this.#about;
      throw new ArchweaveError({ code: 'interrupted', attempt, cause: signal.reason });
    }
    return share;
  }

  async #begin(): Promise<{ readonly uploadId: string; readonly partSize: number }> {
    const about = { ...this.#about, operation: 'InitiateLayerUpload' };
    const { uploadId } = await ask(this.#access, about, this.#options, ({ patient }, sending) =>
      patient.send(new InitiateLayerUploadCommand(this.#place()), sending),
    );
    if (uploadId === undefined) throw this.#error('registry-failed', 'ECR names no upload', true);
    return { uploadId, partSize: partSizeOf(this.#blob.size) };
  }

  /** Where the next part begins: behind this one, or where ECR says that its bytes end. */
  async #sendPart(uploadId: string, length: number, memory: Buffer): Promise<number | 'forgotten'> {
    this.#source ??= new PartSource(await this.#open(this.#offset), this.#offset, this.#about.attempt);
    const partFirstByte = this.#offset;
    const partLastByte = partFirstByte + length - 1;
    const body = new PartBody({ ...this.#place(), uploadId, partFirstByte, partLastByte }, length, memory);
    await this.#source.fill(length, piece => body.take(piece));
    const command = body.command();
    return ask(this.#access, this.#about, this.#options, async ({ patient }, sending) => {
      try {
        await patient.send(command, sending);
        return partLastByte + 1;
      } catch (error) {
        const { name, lastValidByteReceived } = error as { name?: unknown; lastValidByteReceived?: unknown };
        if (name === 'UploadNotFoundException') return 'forgotten';
        if (name === 'InvalidLayerPartException' && typeof lastValidByteReceived === 'number')
          return Math.min(Math.max(lastValidByteReceived + 1, 0), this.#blob.size);
        throw error;
      }
    });
  }

  async #complete(uploadId: string): Promise<'done' | 'forgotten'> {
    const about = { ...this.#about, operation: 'CompleteLayerUpload' };
    const input = { ...this.#place(), uploadId, layerDigests: [this.#blob.digest] };
    return ask(this.#access, about, this.#options, async ({ patient }, sending) => {
      try {
        await patient.send(new CompleteLayerUploadCommand(input), sending);
        return 'done';
      } catch (error) {
        const { name } = error as { name?: unknown };
        if (name === 'LayerAlreadyExistsException') return 'done';
        // The answer to an earlier try may have been lost: then the upload is over and the layer there.
        if (name === 'UploadNotFoundException') return (await this.#isThere()) ? 'done' : 'forgotten';
        throw error;
      }
    });
  }

  async #isThere(): Promise<boolean> {
    const { repository } = this.#about;
    return (await statBlob(this.#access, repository, this.#blob.digest, this.#options)) !== undefined;
  }

  async #goTo(offset: number): Promise<void> {
    this.#offset = offset;
    if (this.#source === undefined || this.#source.position === offset) return;
    await this.#source.close();
    this.#source = undefined;
  }

  #place() {
    return { ...registryOf(this.#access), repositoryName: this.#about.repository };
  }

  #error(code: 'registry-failed', reason: string, retryable: boolean): ArchweaveError {
    const { attempt, reference } = this.#about;
    return new ArchweaveError({ code, attempt, reason, retryable, ...(reference && { reference }) });
  }
}
