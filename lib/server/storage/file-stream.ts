import { type FileHandle, open } from 'node:fs/promises';

const PIECE = 256 * 1024;

/**
 * `length` bytes of a file from `start` on. The file is opened at the first read and closed at the end or when the
 * reader goes away, so that a stream nobody reads holds nothing.
 */
export function fileStream(path: string, start: number, length: number): ReadableStream<Uint8Array> {
  let file: FileHandle | undefined;
  let position = start;
  const end = start + length;
  return new ReadableStream(
    {
      async pull(controller) {
        file ??= await open(path);
        const piece = Buffer.allocUnsafe(Math.min(PIECE, end - position));
        const { bytesRead } = await file.read(piece, 0, piece.length, position);
        position += bytesRead;
        if (bytesRead > 0) controller.enqueue(piece.subarray(0, bytesRead));
        if (position < end && bytesRead > 0) return;
        await file.close();
        if (position < end) controller.error(new Error(`${path} is shorter than it was`));
        else controller.close();
      },
      async cancel() {
        await file?.close();
      },
    },
    { highWaterMark: 0 },
  );
}
