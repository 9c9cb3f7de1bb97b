import { isLoopback } from '../../image/reference.ts';

const HUB_HOSTS: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** Whether a host is Docker Hub under one of its names. */
export function isDockerHub(host: string): boolean {
  return HUB_HOSTS.has(host);
}

/**
 * Where a registry's requests go, and how: https, unless plain http was asked for or the host is this machine. A
 * loopback port that turns out to speak TLS is spoken to in https from then on; no other host ever changes.
 */
export class Endpoint {
  /** The host as people write it, `docker.io` for Docker Hub. */
  readonly host: string;
  readonly #address: string;
  #scheme: 'http' | 'https';
  #certain: boolean;
  #probing: Promise<boolean> | undefined;

  constructor(host: string, plainHttp?: boolean) {
    this.host = host;
    this.#address = isDockerHub(host) ? 'registry-1.docker.io' : host;
    this.#scheme = (plainHttp ?? isLoopback(host)) ? 'http' : 'https';
    this.#certain = plainHttp !== undefined || !isLoopback(host);
  }

  get origin(): string {
    return new URL(`${this.#scheme}://${this.#address}`).origin;
  }

  /** The address of `path` (`NAME/tags/list`) under the API's root; parts must be encoded already. */
  url(path: string): URL {
    return new URL(`${this.#scheme}://${this.#address}/v2/${path}`);
  }

  /** Says that an answer was one of a registry, so that the scheme is right. */
  confirm(): void {
    this.#certain = true;
  }

  /**
   * Asks, after a request to a loopback port failed, whether the port speaks TLS; if so, `url` says https from now
   * on and the request may be sent again, since nobody can have understood it. `speaksTls` makes the trial request.
   */
  async turnsToTls(speaksTls: (url: URL) => Promise<boolean>): Promise<boolean> {
    if (this.#certain) return false;
    this.#probing ??= speaksTls(new URL(`https://${this.#address}/v2/`)).then(yes => {
      if (yes) this.#scheme = 'https';
      this.#certain = yes;
      this.#probing = undefined;
      return yes;
    });
    return this.#probing;
  }
}
