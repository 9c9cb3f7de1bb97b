import { ArchweaveError, type ErrorCode } from '../../errors.ts';
import type { Descriptor } from '../../image/descriptor.ts';
import { type Digest, isDigest, matchesDigest } from '../../image/digest.ts';
import type { Manifest, ManifestContent } from '../../image/manifest.ts';
import { isManifestType } from '../../image/media-types.ts';
import { MAX_MANIFEST_BYTES, readManifestContent } from '../../image/read-manifest.ts';
import { asReferrer } from '../../registry/loose-manifest.ts';
import type { BlobStore } from './blob-store.ts';
import type { Catalogue } from './catalogue.ts';

/** What a tag or digest stands for. `pushedAt` (RFC 3339) is there for tags. */
export interface Resolved {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly pushedAt?: string;
}

export interface StoredTag {
  readonly tag: string;
  readonly digest: Digest;
  readonly pushedAt: string;
}

/** A part of a sorted list: what comes after `after`, at most `limit`. */
export interface Page {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What a delete took away: the manifest and the tags that held it. */
export interface Removed {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly tags: readonly string[];
}

interface Row {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly pushedAt: string | null;
}

const IN = '(SELECT id FROM repositories WHERE name = ?)';
const COLUMNS = 'm.digest, m.media_type AS mediaType, length(m.bytes) AS size';
const BY_TAG = `FROM tags t JOIN manifests m ON m.repository = t.repository AND m.digest = t.digest
  WHERE t.repository = ${IN} AND t.tag = ?`;
const BY_DIGEST = `FROM manifests m WHERE m.repository = ${IN} AND m.digest = ?`;

/** Manifests, tags and what refers to what, in the catalogue. Nothing is kept in memory between calls. */
export class ManifestStore {
  readonly #catalogue: Catalogue;
  readonly #blobs: BlobStore;

  constructor(catalogue: Catalogue, blobs: BlobStore) {
    this.#catalogue = catalogue;
    this.#blobs = blobs;
  }

  resolve(repository: string, reference: string): Resolved | undefined {
    const row = isDigest(reference)
      ? this.#catalogue.get<Row>(`SELECT ${COLUMNS}, NULL AS pushedAt ${BY_DIGEST}`, repository, reference)
      : this.#catalogue.get<Row>(
          `SELECT ${COLUMNS}, t.pushed_at AS pushedAt ${BY_TAG}`,
          repository,
          reference,
        );
    return row && resolved(row);
  }

  read(repository: string, reference: string): (Resolved & Manifest) | undefined {
    const row = isDigest(reference)
      ? this.#catalogue.get<Row & Manifest>(
          `SELECT ${COLUMNS}, m.bytes, NULL AS pushedAt ${BY_DIGEST}`,
          repository,
          reference,
        )
      : this.#catalogue.get<Row & Manifest>(
          `SELECT ${COLUMNS}, m.bytes, t.pushed_at AS pushedAt ${BY_TAG}`,
          repository,
          reference,
        );
    return row && { ...resolved(row), bytes: row.bytes };
  }

  /**
   * Stores a manifest under its digest and `tags`, all at once, and gives back what it says.
   *
   * Throws `too-large` over 4 MiB, `unsupported` (media type), `digest-mismatch`, `malformed`, and `child-gone` with
   * the digest as `reference` where the repository lacks something the manifest needs: an image's config and layers,
   * unless the layer is not distributable; an index's entries that are manifests by their media type. Other entries
   * of an index (build caches have such) and the subject may be missing.
   */
  put(repository: string, manifest: Manifest, tags: readonly string[], pushedAt: string): ManifestContent {
    const attempt = `write ${repository}${tags[0] === undefined ? `@${manifest.digest}` : `:${tags[0]}`}`;
    const content = this.#check(repository, manifest, attempt);
    const { digest, mediaType, bytes } = manifest;
    const referrer = content.subject && JSON.stringify(describe(manifest, content));
    this.#catalogue.together(() => {
      const id = this.#catalogue.repository(repository);
      this.#catalogue.run(
        `INSERT INTO manifests (repository, digest, media_type, bytes, subject, referrer) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET media_type = excluded.media_type, referrer = excluded.referrer
         WHERE media_type <> excluded.media_type`,
        ...[id, digest, mediaType, bytes, content.subject?.digest ?? null, referrer ?? null],
      );
      for (const tag of tags) {
        this.#catalogue.run(
          `INSERT INTO tags (repository, tag, digest, pushed_at) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET digest = excluded.digest, pushed_at = excluded.pushed_at`,
          ...[id, tag, digest, pushedAt],
        );
      }
    });
    return content;
  }

  /** Takes a tag away; the manifest stays. */
  deleteTag(repository: string, tag: string): Removed | undefined {
    const found = this.resolve(repository, tag);
    if (found === undefined) return undefined;
    this.#catalogue.run(`DELETE FROM tags WHERE repository = ${IN} AND tag = ?`, repository, tag);
    return { digest: found.digest, mediaType: found.mediaType, tags: [tag] };
  }

  /** Takes a manifest away with all its tags. Indexes that list it are left as they are. */
  deleteManifest(repository: string, digest: Digest): Removed | undefined {
    return this.#catalogue.together(() => {
      const tags = this.#catalogue.all<{ tag: string }>(
        `DELETE FROM tags WHERE repository = ${IN} AND digest = ? RETURNING tag`,
        ...[repository, digest],
      );
      const row = this.#catalogue.get<{ mediaType: string }>(
        `DELETE FROM manifests WHERE repository = ${IN} AND digest = ? RETURNING media_type AS mediaType`,
        ...[repository, digest],
      );
      return row && { digest, mediaType: row.mediaType, tags: tags.map(({ tag }) => tag) };
    });
  }

  /** Sorted by their bytes. */
  tags(repository: string, { after = '', limit }: Page): readonly StoredTag[] {
    const sql = `SELECT tag, digest, pushed_at AS pushedAt FROM tags
      WHERE repository = ${IN} AND tag > ? ORDER BY tag LIMIT ?`;
    return this.#catalogue.all<StoredTag>(sql, repository, after, limit);
  }

  /** What names `digest` as its subject, sorted by digest; `digest` itself need not be there. */
  referrers(
    repository: string,
    digest: string,
    { after = '', limit, artifactType }: Page & { readonly artifactType?: string | undefined },
  ): readonly Descriptor[] {
    const sql = `SELECT referrer FROM manifests WHERE repository = ${IN} AND subject = ? AND digest > ?
      AND (? IS NULL OR referrer ->> '$.artifactType' = ?) ORDER BY digest LIMIT ?`;
    const type = artifactType ?? null;
    const rows = this.#catalogue.all<{ referrer: string }>(sql, repository, digest, after, type, type, limit);
    return rows.map(({ referrer }) => JSON.parse(referrer) as Descriptor);
  }

  #check(repository: string, manifest: Manifest, attempt: string): ManifestContent {
    const size = manifest.bytes.byteLength;
    if (size > MAX_MANIFEST_BYTES) {
      throw refusal('too-large', attempt, `it has ${size} bytes, more than ${MAX_MANIFEST_BYTES}`);
    }
    if (!isManifestType(manifest.mediaType)) {
      throw refusal(
        'unsupported',
        attempt,
        `${manifest.mediaType || 'nothing'} is no media type of a manifest`,
      );
    }
    if (!matchesDigest(manifest.bytes, manifest.digest)) throw refusal('digest-mismatch', attempt);
    const content = readManifestContent(manifest);
    const missing = this.#missing(repository, content);
    if (missing !== undefined) {
      const reason = `${repository} does not have ${missing}, which it refers to`;
      throw refusal('child-gone', attempt, reason).with({ reference: missing });
    }
    return content;
  }

  #missing(repository: string, content: ManifestContent): Digest | undefined {
    if (content.kind === 'index') {
      return content.manifests
        .filter(entry => isManifestType(entry.mediaType))
        .find(entry => this.resolve(repository, entry.digest) === undefined)?.digest;
    }
    return [content.config, ...content.layers.filter(isDistributable)].find(
      entry => this.#blobs.stat(repository, entry.digest) === undefined,
    )?.digest;
  }
}

function resolved({ digest, mediaType, size, pushedAt }: Row): Resolved {
  return { digest, mediaType, size, ...(pushedAt !== null && { pushedAt }) };
}

/** Layers that their makers do not let registries hand out stay where their `urls` point. */
function isDistributable({ mediaType }: Descriptor): boolean {
  return !mediaType.includes('.nondistributable.') && !mediaType.includes('.rootfs.foreign.');
}

/** An index without an artifact type has none in the list; an image's is that of its config then. */
function describe(manifest: Manifest, content: ManifestContent): Descriptor {
  const { config, annotations, artifactType } = { config: undefined, ...content };
  return asReferrer(manifest, {
    ...(artifactType !== undefined && { artifactType }),
    ...(config !== undefined && { config }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  });
}

function refusal(code: ErrorCode, attempt: string, reason?: string): ArchweaveError {
  return new ArchweaveError({ code, attempt, ...(reason !== undefined && { reason }) });
}
