import { buildIndex, type IndexChild } from '../image/build-index.ts';
import type { Manifest } from '../image/manifest.ts';
import { type Meaning, meaningOf } from '../image/meaning.ts';
import { DOCKER_MANIFEST } from '../image/media-types.ts';
import type { Build } from '../rules/build.ts';
import type { Rule } from '../rules/rule.ts';
import { BUILD_ANNOTATION, formatBuild, REVISION_ANNOTATION } from './build-annotation.ts';
import type { Chosen } from './resolve.ts';

export interface Composition {
  readonly rule: Pick<Rule, 'format' | 'attestations' | 'annotations'>;
  readonly chosen: readonly Pick<Chosen, 'image'>[];
  readonly build: Build;
  readonly revision: string | undefined;
  /** A target of several builds is always an OCI index: its build has to be written on it. */
  readonly shared: boolean;
}

/**
 * The index that joins some images. The same images, build and rule give the same bytes: nothing in them depends on
 * time, on an event, or on the version of archweave.
 */
export function compose({ rule, chosen, build, revision, shared }: Composition): Manifest {
  const { children, format } = plan(rule, chosen, shared);
  if (format === 'docker') return buildIndex({ children, format });
  return buildIndex({
    children,
    format,
    annotations: {
      ...agreed(chosen.map(({ image }) => image.annotations)),
      ...(revision === undefined ? {} : { [REVISION_ANNOTATION]: revision }),
      ...rule.annotations,
      [BUILD_ANNOTATION]: formatBuild(build),
    },
  });
}

/** What the index of these images would mean, without making its bytes. */
export function meaningOfChosen(parts: Pick<Composition, 'rule' | 'chosen' | 'shared'>): Meaning {
  const { children } = plan(parts.rule, parts.chosen, parts.shared);
  const manifests = children.flatMap(({ descriptor, attached }) => [descriptor, ...attached]);
  return meaningOf({ kind: 'index', manifests, annotations: {} });
}

/** A Docker list has no place for the link between an image and its attestation, so it goes without. */
function plan(rule: Composition['rule'], chosen: Composition['chosen'], shared: boolean) {
  const children = childrenOf(rule, chosen);
  if (!isDocker(rule.format, children, shared)) return { children, format: 'oci' as const };
  return { children: children.map(child => ({ ...child, attached: [] })), format: 'docker' as const };
}

function childrenOf(rule: Pick<Rule, 'attestations'>, chosen: Composition['chosen']): readonly IndexChild[] {
  return chosen.map(({ image }) => {
    const { mediaType, digest, size, platform, annotations } = image.descriptor;
    const noted = annotations === undefined ? {} : { annotations };
    return {
      descriptor: { mediaType, digest, size, platform, ...noted },
      attached: rule.attestations === 'drop' ? [] : image.attached,
    };
  });
}

/** A Docker list where that is what every child is at home in, so that old clients go on reading it. */
function isDocker(format: Rule['format'], children: readonly IndexChild[], shared: boolean): boolean {
  if (shared || format === 'oci') return false;
  if (format === 'docker') return true;
  return children.every(({ descriptor, attached }) => {
    return descriptor.mediaType === DOCKER_MANIFEST && attached.length === 0;
  });
}

function agreed(annotations: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first, ...rest] = annotations;
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(([name, value]) => rest.every(other => other[name] === value)),
  );
}
