import type { Digest } from '../image/digest.ts';
import { formatSize } from '../image/format-size.ts';
import type { Manifest } from '../image/manifest.ts';
import type {
  AssemblyRegistry,
  BlobReading,
  CallOptions,
  ManifestReader,
  Reading,
  Registry,
} from '../registry/interfaces.ts';

/** A repository of a registry. */
export interface Repository {
  readonly registry: Registry;
  readonly host: string;
  readonly repository: string;
}

/** A member that is somewhere else: the name it has in the join, its place, and the tag or digest there. */
export interface Loan {
  readonly alias: string;
  readonly from: Repository;
  readonly reference: string;
}

/**
 * The target's repository as if the members from elsewhere were in it. They are read where they are, and copied
 * only when the index that needs them is about to be written, so that what is held or waits copies nothing.
 */
export class BorrowingRegistry implements AssemblyRegistry {
  readonly #to: Repository;
  readonly #loans: readonly Loan[];
  readonly #borrowed = new Map<string, Manifest>();
  readonly #note: (line: string) => void;

  /** `note` hears a line of each member that was copied. */
  constructor(to: Repository, loans: readonly Loan[], note: (line: string) => void) {
    this.#to = to;
    this.#loans = loans;
    this.#note = note;
  }

  async readManifests(_repository: string, references: readonly string[], options?: CallOptions) {
    const readings = new Map<string, Reading>();
    await Promise.all(
      this.#loans
        .filter(({ alias }) => references.includes(alias))
        .map(async ({ alias, from, reference }) => {
          const found = await from.registry.readManifests(from.repository, [reference], options);
          const reading = found.get(reference) ?? { kind: 'absent' };
          if (reading.kind === 'found') this.#borrowed.set(alias, reading.manifest);
          readings.set(alias, reading);
        }),
    );
    const rest = references.filter(reference => !readings.has(reference));
    const isPresent = (reading: Reading | undefined): boolean =>
      reading !== undefined && reading.kind !== 'absent';
    for (const place of this.#places()) {
      // Tags of the target are its own; a digest may be a child of any of the members.
      const wanted = rest.filter(
        reference => !isPresent(readings.get(reference)) && (place === this.#to || reference.includes(':')),
      );
      if (wanted.length === 0) continue;
      const found = await (place.registry as ManifestReader).readManifests(place.repository, wanted, options);
      for (const [reference, reading] of found) readings.set(reference, reading);
    }
    return readings;
  }

  async readBlobs(_repository: string, digests: readonly Digest[], options?: CallOptions) {
    const readings = new Map<Digest, BlobReading>();
    for (const place of this.#places()) {
      const wanted = digests.filter(digest => (readings.get(digest)?.kind ?? 'absent') === 'absent');
      if (wanted.length === 0) break;
      const found = await place.registry.readBlobs(place.repository, wanted, options);
      for (const [digest, reading] of found) readings.set(digest, reading);
    }
    return readings;
  }

  async writeManifest(repository: string, reference: string, manifest: Manifest, options?: CallOptions) {
    for (const loan of this.#loans) {
      const borrowed = this.#borrowed.get(loan.alias);
      if (borrowed === undefined) continue;
      this.#borrowed.delete(loan.alias);
      const { alias, from } = loan;
      const bytes = await copyMember(from, this.#to, borrowed.digest, options);
      const size = bytes === 0 ? 'nothing had to be sent' : formatSize(bytes);
      this.#note(`copied ${alias} from ${from.host}/${from.repository}, ${size}`);
    }
    await this.#to.registry.writeManifest(repository, reference, manifest, options);
  }

  resolveReferences(repository: string, references: readonly string[], options?: CallOptions) {
    return this.#to.registry.resolveReferences(repository, references, options);
  }

  statBlob(repository: string, digest: Digest, options?: CallOptions) {
    return this.#to.registry.statBlob(repository, digest, options);
  }

  openBlob(repository: string, digest: Digest, options?: CallOptions) {
    return this.#to.registry.openBlob(repository, digest, options);
  }

  listTags(repository: string, options?: CallOptions) {
    return this.#to.registry.listTags(repository, options);
  }

  /** Where things may be: first where members were borrowed, each once, then the target's repository. */
  #places(): readonly Repository[] {
    const places = new Map(this.#loans.map(({ from }) => [`${from.host}/${from.repository}`, from]));
    return [...places.values(), this.#to];
  }
}

/** Brings a member over by its digest; answers how many bytes of blobs had to be sent for it. */
async function copyMember(
  from: Repository,
  to: Repository,
  reference: Digest,
  options: CallOptions = {},
): Promise<number> {
  // Most joins need no copy, and their start does not pay for one.
  const [{ prepareCopy }, { copyImage }] = await Promise.all([
    import('../import/prepare-copy.ts'),
    import('../import/copy.ts'),
  ]);
  const plan = await prepareCopy({ reference, referrers: false }, from, to, options);
  const outcome = await copyImage(plan, from, to, options);
  return outcome.kind === 'copied' ? outcome.bytes.copied : 0;
}
