import type { Digest } from '../image/digest.ts';
import type { AssemblyRegistry } from '../registry/interfaces.ts';

/** How many writes are remembered; their events come within seconds. */
const KEPT = 1_000;

/** What archweave itself wrote lately, so that the log does not tell of it as somebody's push. */
export class OwnWrites {
  readonly #written = new Set<string>();

  /** The same registry, with its writes noted before they are sent: an event may come before the answer does. */
  watching(host: string, registry: AssemblyRegistry): AssemblyRegistry {
    return {
      readManifests: registry.readManifests.bind(registry),
      resolveReferences: registry.resolveReferences.bind(registry),
      readBlobs: registry.readBlobs.bind(registry),
      statBlob: registry.statBlob.bind(registry),
      openBlob: registry.openBlob.bind(registry),
      listTags: registry.listTags.bind(registry),
      ...(registry.immutableTags && { immutableTags: registry.immutableTags.bind(registry) }),
      writeManifest: (repository, reference, manifest, options) => {
        this.#note(nameOf(host, repository, reference, manifest.digest));
        return registry.writeManifest(repository, reference, manifest, options);
      },
    };
  }

  /** A write that goes another way. */
  note(host: string, repository: string, tag: string, digest: Digest): void {
    this.#note(nameOf(host, repository, tag, digest));
  }

  has(host: string, repository: string, tag: string, digest: Digest): boolean {
    return this.#written.has(nameOf(host, repository, tag, digest));
  }

  #note(name: string): void {
    this.#written.delete(name);
    this.#written.add(name);
    const [oldest] = this.#written;
    if (this.#written.size > KEPT && oldest !== undefined) this.#written.delete(oldest);
  }
}

function nameOf(host: string, repository: string, tag: string, digest: Digest): string {
  return `${host}/${repository}:${tag}@${digest}`;
}
