import type { Digest } from '../image/digest.ts';
import type { UploadState } from '../registry/interfaces.ts';

export interface NotedBlob {
  readonly host: string;
  readonly repository: string;
  readonly digest: Digest;
}

/**
 * Where uploads are that were begun, so that the next run goes on with what a killed one sent. Losing a note costs
 * the bytes of one blob, a wrong one costs a question to the registry; none is ever needed.
 */
export interface UploadNotes {
  read(blob: NotedBlob): Promise<UploadState | undefined>;
  write(blob: NotedBlob, state: UploadState): Promise<void>;
  remove(blob: NotedBlob): Promise<void>;
}
