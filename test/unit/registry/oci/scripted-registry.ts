import { type ArchweaveError, isArchweaveError } from '../../../../lib/errors.ts';
import { digestOf } from '../../../../lib/image/digest.ts';
import type { Manifest } from '../../../../lib/image/manifest.ts';
import { OCI_MANIFEST } from '../../../../lib/image/media-types.ts';
import type { Registry } from '../../../../lib/registry/interfaces.ts';
import type { RequestLine } from '../../../../lib/registry/oci/exchange.ts';
import { type OciOptions, openOciRegistry } from '../../../../lib/registry/oci/open.ts';
import type { ScriptedServer } from '../../../support/scripted-server.ts';

export interface Opened {
  readonly registry: Registry;
  /** The waits between tries, in milliseconds; none is really waited for. */
  readonly waits: readonly number[];
  readonly lines: readonly RequestLine[];
}

/** A registry over a scripted server, with a short deadline, no real waits and nobody's logins. */
export function openScripted(
  server: Pick<ScriptedServer, 'host'>,
  options: Partial<OciOptions> = {},
): Opened {
  const waits: number[] = [];
  const lines: RequestLine[] = [];
  const registry = openOciRegistry({
    host: server.host,
    env: { HOME: '/nonexistent' },
    timeout: 2_000,
    onRequest: line => lines.push(line),
    ...options,
    retry: {
      random: () => 1,
      sleep: async ms => {
        waits.push(ms);
      },
      ...options.retry,
    },
  });
  return { registry, waits, lines };
}

/** A fetch for which each of `hosts` is a server on this machine, so that names far away can be tried. */
export function fetchAsIf(hosts: Readonly<Record<string, ScriptedServer>>): typeof fetch {
  return (input, init) => {
    const url = new URL(String(input));
    const server = hosts[url.host];
    if (server === undefined) throw new Error(`nobody is to be asked at ${url.host}`);
    return fetch(`http://${server.host}${url.pathname}${url.search}`, init);
  };
}

export function imageOf(name: string): Manifest {
  const value = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: {}, layers: [], annotations: { name } };
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(value)));
  return { bytes, digest: digestOf(bytes), mediaType: OCI_MANIFEST };
}

/** The right answer to a GET of a manifest. */
export function served(manifest: Manifest) {
  const headers = { 'content-type': manifest.mediaType, 'docker-content-digest': manifest.digest };
  return { headers, body: manifest.bytes };
}

export async function failureOf(work: Promise<unknown>): Promise<ArchweaveError> {
  const failure = await work.then(
    () => new Error('it did not fail'),
    error => error,
  );
  if (!isArchweaveError(failure)) throw failure;
  return failure;
}

export async function read(registry: Registry, reference = '1.0') {
  const reading = (await registry.readManifests('app', [reference])).get(reference);
  if (reading === undefined) throw new Error('there is no reading');
  return reading;
}
