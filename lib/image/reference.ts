import { ArchweaveError } from '../errors.ts';
import { type Digest, isDigest } from './digest.ts';
import { isRepositoryName, isTag } from './names.ts';

/** Where an image, or a whole repository, is. With a tag and a digest, the digest counts. */
export interface Reference {
  /** Only where it was said in so many words. */
  readonly scheme?: 'http' | 'https';
  /** Lower case, with the port where there is one: `127.0.0.1:5100`, `[::1]:5100`, `docker.io`. */
  readonly host: string;
  /** Without the host: `library/alpine`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

export interface ReferenceOptions {
  /** Hosts by the names that archweave.yaml gives them; such a name may stand in place of the host. */
  readonly registries?: Readonly<Record<string, string>>;
}

const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_HOSTS: ReadonlySet<string> = new Set([
  DOCKER_HUB,
  'index.docker.io',
  'registry-1.docker.io',
]);

const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
const ADDRESS_ALONE = /^(?:localhost|\d+(?:\.\d+){3}|\[[^\]]*\]):\d+$/i;
const LONGEST = 1024;

/**
 * Reads `[http://|https://]HOST[:PORT]/REPO[:TAG][@DIGEST]`, and the short forms: a name from archweave.yaml for the
 * host, `alpine` and `bitnami/redis` for Docker Hub. Without a tag none is made up.
 *
 * Throws `bad-reference`; the reason names the part that is wrong, and a text that may hold credentials is not
 * repeated.
 */
export function parseReference(text: string, options: ReferenceOptions = {}): Reference {
  const attempt = checkText(text);
  const [, scheme, rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text) ?? [];
  const slash = rest.indexOf('/');
  const first = slash === -1 ? rest : rest.slice(0, slash);
  if (scheme !== undefined) {
    const known = scheme.toLowerCase();
    if (known !== 'http' && known !== 'https')
      throw bad(attempt, `"${scheme}://" is neither http:// nor https://`);
    return { scheme: known, ...onHost(attempt, first, slash === -1 ? '' : rest.slice(slash + 1)) };
  }
  const named = registryNamed(slash === -1 ? first.replace(/[:@].*$/s, '') : first, options);
  if (named !== undefined) return onHost(attempt, named, slash === -1 ? '' : rest.slice(slash + 1));
  if (slash === -1 && ADDRESS_ALONE.test(first)) return onHost(attempt, first, '');
  if (slash !== -1 && looksLikeHost(first)) return onHost(attempt, first, rest.slice(slash + 1));
  return onHost(attempt, DOCKER_HUB, rest);
}

/**
 * A MEMBER of `create`: `:1.2-arm64` and `@sha256:…` are in the target's repository, anything else is a reference.
 * Throws `bad-reference`.
 */
export function parseMember(text: string, target: Reference, options: ReferenceOptions = {}): Reference {
  if (!text.startsWith(':') && !text.startsWith('@')) return parseReference(text, options);
  const attempt = checkText(text);
  const { scheme, host, repository } = target;
  return { ...(scheme && { scheme }), host, repository, ...tagAndDigest(attempt, text) };
}

/** The whole reference; `parseReference` reads it back as it was. */
export function formatReference(reference: Reference): string {
  const { scheme, host, repository, tag, digest } = reference;
  return `${scheme ? `${scheme}://` : ''}${host}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

/** Whether the host, with or without a port, is this machine: 127.0.0.0/8, [::1], localhost and *.localhost. */
export function isLoopback(host: string): boolean {
  if (!/^[a-z0-9.:[\]-]+$/i.test(host)) return false;
  // The parser of fetch decides, so that no spelling of an address means one thing here and another there.
  const name = URL.parse(`http://${host}/`)?.hostname ?? '';
  return /^127(?:\.\d+){3}$/.test(name) || name === '[::1]' || /(?:^|\.)localhost$/.test(name);
}

function onHost(attempt: string, hostText: string, path: string): Reference {
  const host = hostText.toLowerCase();
  if (!HOST.test(host) || !URL.canParse(`http://${host}/`))
    throw bad(attempt, `the host "${hostText}" is no host name`);
  const end = path.search(/[:@]/);
  const name = end === -1 ? path : path.slice(0, end);
  if (name === '') throw bad(attempt, `it names the registry ${host} and no repository`);
  checkRepository(attempt, name);
  const hub = DOCKER_HUB_HOSTS.has(host);
  return {
    host: hub ? DOCKER_HUB : host,
    repository: hub && !name.includes('/') ? `library/${name}` : name,
    ...(end === -1 ? {} : tagAndDigest(attempt, path.slice(end))),
  };
}

function checkRepository(attempt: string, name: string): void {
  if (/[A-Z]/.test(name)) throw bad(attempt, `the repository "${name}" has upper case letters`);
  if (!isRepositoryName(name)) {
    throw bad(
      attempt,
      `the repository "${name}" is not 255 or fewer of a-z and 0-9 with single . _ - or / between them`,
    );
  }
}

/** Reads `[:TAG][@DIGEST]`. */
function tagAndDigest(attempt: string, text: string): Pick<Reference, 'tag' | 'digest'> {
  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const tag = text.startsWith(':') ? text.slice(1, at === -1 ? undefined : at) : undefined;
  if (tag !== undefined && !isTag(tag)) {
    throw bad(
      attempt,
      tag === '' ? 'the tag is empty' : `the tag "${tag}" is not 1 to 128 of A-Z a-z 0-9 _ . -`,
    );
  }
  if (digest !== undefined && !isDigest(digest)) {
    throw bad(attempt, `the digest "${digest}" is not sha256: and 64 (or sha512: and 128) hex digits`);
  }
  return { ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function registryNamed(name: string, { registries = {} }: ReferenceOptions): string | undefined {
  return Object.hasOwn(registries, name) ? registries[name] : undefined;
}

function looksLikeHost(name: string): boolean {
  return /[.:[]/.test(name) || name.toLowerCase() === 'localhost';
}

/** What is being attempted, safe to print; throws for texts that are no reference at all. */
function checkText(text: string): string {
  const unsafe = 'read this reference';
  if (text === '') throw bad(unsafe, 'it is empty');
  if (text.length > LONGEST) throw bad(unsafe, `it has ${text.length} characters, more than ${LONGEST}`);
  if (/[^\x21-\x7e]/.test(text))
    throw bad(unsafe, 'it has spaces, control characters or letters outside ASCII');
  if (/[?#]/.test(text)) throw bad(unsafe, 'it has a query or a fragment');
  const at = text.indexOf('@');
  if (at !== -1 && (text.includes('/', at) || !/^@(?:sha|md|blake)[a-z0-9-]*:/i.test(text.slice(at)))) {
    throw bad(unsafe, 'it has an "@" that no digest follows; credentials do not belong here');
  }
  return `read ${text}`;
}

function bad(attempt: string, reason: string): ArchweaveError {
  return new ArchweaveError({ code: 'bad-reference', attempt, reason });
}
