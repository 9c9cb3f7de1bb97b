import { matchesGlob } from './glob.ts';
import type { ImportRule } from './import-rule.ts';
import { REPOSITORY } from './import-scope.ts';
import { patternsMeet } from './patterns-meet.ts';
import { maybeSameRegistry } from './registry-identity.ts';
import type { RepositoryPattern, Rule } from './rule.ts';
import { globPattern, templatePattern } from './tag-pattern.ts';
import { type TagSet, tagSetsMeet } from './tag-set.ts';

/** What an import or an index rule takes, and what it writes. */
export interface Flow {
  readonly from: Tags;
  readonly to: Tags;
}

interface Tags {
  readonly repositories: readonly RepositoryPattern[];
  readonly tags: readonly TagSet[];
}

/**
 * What an import reads and writes, as patterns. `*` in `from` stands for itself in `to`, so that `team/*` copied to
 * `mirror/{repository}` is `mirror/team/*`. With `split`, tags that it makes are made and not copied.
 */
export function flowOfImport({ from, to, tags, split }: ImportRule): Flow {
  const globs = tags.map(globPattern);
  const exclude = split === undefined ? [] : [templatePattern(split)];
  const copied = globs.map(glob => ({ include: [glob], exclude }));
  const made =
    split === undefined
      ? []
      : globs.map(tag => ({ include: [templatePattern(split, { tag })], exclude: [] }));
  const target = to.repository.replaceAll(REPOSITORY, from.pattern);
  return {
    from: { repositories: [{ ...from, exclude: false }], tags: copied },
    to: {
      repositories: [{ registry: to.registry, pattern: target, exclude: false }],
      tags: [...copied, ...made],
    },
  };
}

/**
 * The same of an index rule: it takes members, and writes targets, which never read as a member. What looks like a
 * member with any text for a typed capture is none either: `1.2.3--amd64` is a version, and nobody's.
 */
export function flowOfRule({ repositories, members, targets, exclude }: Rule): Flow {
  const member = templatePattern(members);
  const looksLikeOne = templatePattern({
    ...members,
    parts: members.parts.map(part => (part.kind === 'capture' ? { ...part, type: 'text' } : part)),
  });
  const excluded = exclude.map(globPattern);
  return {
    from: { repositories, tags: [{ include: [member], exclude: excluded }] },
    to: {
      repositories,
      tags: targets.map(target => ({
        include: [templatePattern(target)],
        exclude: [looksLikeOne, ...excluded],
      })),
    },
  };
}

/** Whether some tag of some repository is in both. */
export function tagsMeet(a: Tags, b: Tags): boolean {
  return repositoriesMeet(a.repositories, b.repositories) && tagSetsMeet(a.tags, b.tags);
}

function repositoriesMeet(a: readonly RepositoryPattern[], b: readonly RepositoryPattern[]): boolean {
  return a.some(
    left =>
      !left.exclude &&
      b.some(right => {
        if (right.exclude || !maybeSameRegistry(left.registry, right.registry)) return false;
        if (!patternsMeet(left.pattern, right.pattern)) return false;
        // Taken away is what lies in a `!` pattern as a whole; a part that does not is enough to meet.
        return ![...a, ...b].some(
          other =>
            other.exclude &&
            maybeSameRegistry(other.registry, left.registry) &&
            (matchesGlob(other.pattern, left.pattern) || matchesGlob(other.pattern, right.pattern)),
        );
      }),
  );
}
