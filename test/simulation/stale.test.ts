import { describe, expect, it } from '@jest/globals';
import { imageOf, strangersIndex } from './images.ts';
import { noteRemoval } from './person.ts';
import { checkLanding } from './promises.ts';
import { deleteTag, putTag } from './registry-acts.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';
import { noteHidden } from './stale.ts';
import { emptyState, type State } from './state.ts';
import { newWatch, type Watch } from './watch.ts';

const MOVING: Scenario = SCENARIOS[0]!;
const IMAGE = imageOf({ architecture: 'amd64', revision: 'r1', serial: 1 });
const INDEX = strangersIndex(IMAGE);

/** What was published as main, and a person who takes it away; tells what tags were before. */
function removed(state: State): State['tags'] {
  putTag(state, 'main', INDEX);
  const required = [IMAGE.manifest.digest];
  state.published.set('main', { build: { captures: {} }, required, digest: INDEX.digest, at: '' });
  const before = new Map(state.tags);
  noteRemoval(state, MOVING, [], 'main');
  deleteTag(state, 'main');
  return before;
}

function looks(state: State, watch: Watch, tags: State['tags']): void {
  noteHidden(state, MOVING, watch, ['main'], tags);
}

function lands(state: State, watch: Watch): boolean {
  const unaware = watch.unaware.get('main');
  const flight = {
    tag: 'main',
    digest: INDEX.digest,
    speed: 1,
    byPerson: false,
    ...(unaware && { unaware }),
  };
  return checkLanding(state, MOVING, flight, { kind: 'absent' }, false);
}

describe('a removal that is undone', () => {
  it('is excused where the last look of the writer was stale and from before', () => {
    const [state, watch] = [emptyState(0), newWatch()];
    looks(state, watch, removed(state));
    expect(lands(state, watch)).toBe(true);
  });

  it('is excused once: whoever removes it again has it stay away', () => {
    const [state, watch] = [emptyState(0), newWatch()];
    looks(state, watch, removed(state));
    lands(state, watch);
    removed(state);
    expect(() => lands(state, watch)).toThrow('promise 7');
  });

  it('breaks a promise where the writer has looked again since', () => {
    const [state, watch] = [emptyState(0), newWatch()];
    looks(state, watch, removed(state));
    looks(state, watch, state.tags);
    expect(() => lands(state, watch)).toThrow('promise 7');
  });

  it('breaks a promise where the writer looked at what is true, whatever else was stale', () => {
    const [state, watch] = [emptyState(0), newWatch()];
    removed(state);
    looks(state, watch, state.tags);
    expect(() => lands(state, watch)).toThrow('promise 7');
  });

  it('breaks a promise where the stale look showed nothing of ours either', () => {
    const [state, watch] = [emptyState(0), newWatch()];
    removed(state);
    looks(state, watch, new Map());
    expect(() => lands(state, watch)).toThrow('promise 7');
  });
});
