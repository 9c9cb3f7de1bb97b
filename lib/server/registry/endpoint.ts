/** What a path under `/v2/` is about. `reference` is the tag, digest or upload's id at its end, where it has one. */
export interface Endpoint {
  readonly kind: EndpointKind;
  readonly repository: string;
  readonly reference: string;
}

export type EndpointKind =
  | 'ping'
  | 'catalogue'
  | 'tags'
  | 'manifest'
  | 'referrers'
  | 'uploads'
  | 'upload'
  | 'blob';

/**
 * A repository's name may have slashes and even words such as `manifests` in it, so a path is read from its end.
 * The order matters: `…/blobs/uploads` is the place of uploads, not a blob.
 */
const SHAPES: readonly (readonly [EndpointKind, RegExp])[] = [
  ['ping', /^\/v2\/?$/],
  ['catalogue', /^\/v2\/_catalog$/],
  ['manifest', /^\/v2\/(.+)\/manifests\/([^/]+)$/],
  ['uploads', /^\/v2\/(.+)\/blobs\/uploads\/?$/],
  ['upload', /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/],
  ['blob', /^\/v2\/(.+)\/blobs\/([^/]+)$/],
  ['tags', /^\/v2\/(.+)\/tags\/list$/],
  ['referrers', /^\/v2\/(.+)\/referrers\/([^/]+)$/],
];

/** The endpoint of the distribution specification that a request's path names, or undefined for none. */
export function endpointOf(path: string): Endpoint | undefined {
  for (const [kind, shape] of SHAPES) {
    const match = shape.exec(path);
    if (match) return { kind, repository: decoded(match[1] ?? ''), reference: decoded(match[2] ?? '') };
  }
  return undefined;
}

/** Clients may write the colon of a digest as %3A. What does not decode stays as it is and is refused as a name. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
