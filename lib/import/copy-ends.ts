import type {
  BlobReader,
  BlobUploader,
  BlobWriter,
  ManifestReader,
  ManifestWriter,
  Mounter,
  ReferrerReader,
  ServerSideImporting,
} from '../registry/interfaces.ts';

/** The repository that an image is copied from. */
export interface CopySource {
  readonly registry: ManifestReader & BlobReader & ReferrerReader;
  /** As references name it; where both ends have the same one, blobs are taken over instead of sent. */
  readonly host: string;
  readonly repository: string;
}

/** The repository that it is copied to. A registry that is no `BlobUploader` gets each blob in one piece. */
export interface CopyTarget {
  readonly registry: ManifestReader &
    ManifestWriter &
    BlobReader &
    BlobWriter &
    Partial<Mounter> &
    Partial<BlobUploader> &
    Partial<ServerSideImporting>;
  readonly host: string;
  readonly repository: string;
}
