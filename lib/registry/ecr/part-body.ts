import { UploadLayerPartCommand, type UploadLayerPartCommandInput } from '@aws-sdk/client-ecr';
import { base64Length } from './part-size.ts';

/** What is encoded at once: a multiple of three, and short enough for the young part of the heap. */
const PIECE = 48 * 1024;
const NOTHING = new Uint8Array(0);

export type PartInput = Omit<UploadLayerPartCommandInput, 'layerPartBlob'>;

/**
 * The body of UploadLayerPart, written as the bytes come. The SDK makes base64 of a part, JSON of that and bytes of
 * that, each whole, which is five times what is sent; here what is sent is all that there is of it.
 */
export class PartBody {
  readonly #input: PartInput;
  readonly #memory: Buffer;
  readonly #piece = Buffer.allocUnsafe(PIECE);
  #pieceLength = 0;
  #length: number;

  /** Takes `bytes` bytes, into `memory` where they fit: it must not be touched while the part is on its way. */
  constructor(input: PartInput, bytes: number, memory: Buffer) {
    const head = `${JSON.stringify(input).slice(0, -1)},"layerPartBlob":"`;
    const needed = Buffer.byteLength(head) + base64Length(bytes) + 2;
    this.#input = input;
    this.#memory = needed <= memory.length ? memory : Buffer.allocUnsafeSlow(needed);
    this.#length = this.#memory.write(head);
  }

  take(bytes: Uint8Array): void {
    for (let taken = 0; taken < bytes.length; ) {
      const fitting = bytes.subarray(taken, taken + PIECE - this.#pieceLength);
      this.#piece.set(fitting, this.#pieceLength);
      this.#pieceLength += fitting.length;
      taken += fitting.length;
      if (this.#pieceLength === PIECE) this.#encode();
    }
  }

  /** The command that sends it, as often as the SDK tries. Nothing can be taken afterwards. */
  command(): UploadLayerPartCommand {
    this.#encode();
    this.#length += this.#memory.write('"}', this.#length, 'latin1');
    const body = this.#memory.subarray(0, this.#length);
    const command = new UploadLayerPartCommand({ ...this.#input, layerPartBlob: NOTHING });
    command.middlewareStack.add(
      next => args => {
        (args.request as { body?: unknown }).body = body;
        return next(args);
      },
      // Behind what makes JSON of the input, before what measures and signs it.
      { step: 'build', priority: 'high', name: 'archweavePartBody' },
    );
    return command;
  }

  #encode(): void {
    const text = this.#piece.toString('base64', 0, this.#pieceLength);
    this.#length += this.#memory.write(text, this.#length, 'latin1');
    this.#pieceLength = 0;
  }
}
