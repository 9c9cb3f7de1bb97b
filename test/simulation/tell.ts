import type { Digest } from '../../lib/image/digest.ts';
import type { Reading } from '../../lib/registry/interfaces.ts';
import { nameOf } from './images.ts';
import type { Answer, Ask, Page } from './run.ts';

/** A question of a handler, in words for a trace. */
export function tellAsk(ask: Ask): string {
  switch (ask.method) {
    case 'readManifests':
      return 'reads';
    case 'resolveReferences':
      return 'looks at';
    case 'remember':
      return `remembers of ${ask.tag} ${nameOf(ask.next.digest)}`;
    case 'record':
      return `records ${ask.standing.target.tag} ${ask.standing.state} ${ask.standing.reason ?? ''}`;
    case 'write':
      return `writes ${ask.reference}`;
    case 'published':
    case 'standing':
    case 'history':
      return `asks for ${ask.method} of ${ask.tag}`;
    default:
      return ask.method;
  }
}

/** Only what is there is told: absent spellings are many and say little. */
export function tellAnswer(ask: Ask, answer: Answer): string {
  if ('error' in answer) return answer.error.message;
  switch (ask.method) {
    case 'readManifests':
      return pairs(
        [...(answer.value as ReadonlyMap<string, Reading>)].map(([reference, reading]) => [
          reference,
          reading.kind === 'found' ? reading.manifest.digest : undefined,
        ]),
      );
    case 'resolveReferences':
      return pairs([...(answer.value as ReadonlyMap<string, Digest | undefined>)]);
    case 'listTags':
      return (answer.value as Page).page.map(({ tag }) => tag).join(' ');
    case 'published': {
      const record = answer.value as { digest?: Digest } | undefined;
      return record === undefined ? 'nothing' : nameOf(record.digest);
    }
    case 'immutableTags':
      return [...(answer.value as ReadonlySet<string>)].join(' ') || 'none';
    default:
      return 'done';
  }
}

function pairs(found: readonly (readonly [string, Digest | undefined])[]): string {
  const there = found.filter(([, digest]) => digest !== undefined);
  return there.map(([tag, digest]) => `${tag.slice(0, 15)}=${nameOf(digest)}`).join(', ') || 'nothing';
}
