import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { importCircles } from '../../../lib/rules/import-circles.ts';
import { flowOfImport, tagsMeet } from '../../../lib/rules/import-graph.ts';
import type { ImportRule } from '../../../lib/rules/import-rule.ts';
import { targetOfImport } from '../../../lib/rules/import-scope.ts';
import { parseTemplate } from '../../../lib/rules/parse-template.ts';
import { soaked } from '../../support/tools.ts';
import { aRule } from './a-rule.ts';

interface Written {
  readonly from: string;
  readonly to: string;
  readonly tags: readonly string[];
  readonly split: boolean;
}

const REGISTRIES = ['a.example', 'b.example'];
const PATTERNS = ['*', 'x', 'y', 'x/*', 'm/*', 'm/x', '*/x', 'm*'];
const TARGETS = ['{repository}', 'm/{repository}', 'x/{repository}', 'mm{repository}'];
const TAGS = ['*', '1', '1*', '2', '*-amd64', '1-arm64'];

const imports = fc
  .array(
    fc.record({
      from: fc
        .tuple(fc.constantFrom(...REGISTRIES), fc.constantFrom(...PATTERNS))
        .map(parts => parts.join('/')),
      to: fc.tuple(fc.constantFrom(...REGISTRIES), fc.constantFrom(...TARGETS)).map(parts => parts.join('/')),
      tags: fc.uniqueArray(fc.constantFrom(...TAGS), { minLength: 1, maxLength: 2 }),
      split: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map(list => list.map(anImport));

function anImport({ from, to, tags, split }: Written, index: number): ImportRule {
  const [fromRegistry = '', ...pattern] = from.split('/');
  const [toRegistry = '', ...repository] = to.split('/');
  return {
    name: `import ${index}`,
    line: index,
    from: { registry: fromRegistry, pattern: pattern.join('/') },
    to: { registry: toRegistry, repository: repository.join('/') },
    tags,
    platforms: 'all',
    referrers: true,
    ...(split && { split: parseTemplate('{tag}-{arch}') }),
    when: { on: 'pushed' },
  };
}

/** Copies as long as a copy changes something, and answers after how many rounds nothing changed; null is never. */
function settles(rules: readonly ImportRule[], world: Map<string, string>, most = 12): number | null {
  for (let round = 0; round < most; round++) {
    let changed = false;
    for (const [place, content] of [...world]) {
      const [registry = '', rest = ''] = place.split(' ');
      const [repository = '', tag = ''] = rest.split(':');
      for (const rule of rules) {
        const target = targetOfImport(rule, [], { registry, repository, tag });
        if (target === undefined) continue;
        const made = [[target.tag, content] as const];
        if (rule.split)
          made.push(...['amd64', 'arm64'].map(arch => [`${tag}-${arch}`, `${content} ${arch}`] as const));
        for (const [written, what] of made) {
          const key = `${target.registry} ${target.repository}:${written}`;
          if (world.get(key) === what) continue;
          world.set(key, what);
          changed = true;
        }
      }
    }
    if (!changed) return round;
  }
  return null;
}

/** How many steps each import is away from one, over what is written and taken; the least, one or more. */
function distances(edges: readonly (readonly [number, number])[], start: number): Map<number, number> {
  const found = new Map<number, number>();
  let layer = new Set([start]);
  for (let steps = 1; steps <= edges.length; steps++) {
    layer = new Set(
      [...layer].flatMap(at => [...edges.keys()].filter(to => edges[at]![1] === edges[to]![0])),
    );
    for (const at of layer) if (!found.has(at)) found.set(at, steps);
  }
  return found;
}

/** Those that take what they write, and of each other knot without one of them the last. */
function lastOfKnots(edges: readonly (readonly [number, number])[]): readonly number[] {
  const ways = edges.map((_, at) => distances(edges, at));
  const knot = (at: number) =>
    [...edges.keys()].filter(other => ways[at]!.has(other) && ways[other]!.has(at));
  const alone = (at: number) => ways[at]!.get(at) === 1;
  return [...edges.keys()].filter(at => alone(at) || (knot(at).at(-1) === at && !knot(at).some(alone)));
}

const STARTS = REGISTRIES.flatMap(registry =>
  ['x', 'y', 'x/x', 'm/x'].flatMap(repository =>
    ['1', '2', '1-amd64'].map(tag => `${registry} ${repository}:${tag}`),
  ),
);

describe('importCircles', () => {
  it('lets nothing pass that copies for ever', () => {
    let accepted = 0;
    fc.assert(
      fc.property(imports, rules => {
        const twoWrite = rules.some((one, at) =>
          rules.slice(0, at).some(other => tagsMeet(flowOfImport(one).to, flowOfImport(other).to)),
        );
        if (twoWrite || importCircles(rules, []).length > 0) return;
        accepted += 1;
        const world = new Map(STARTS.map(place => [place, place]));
        expect(settles(rules, world)).not.toBeNull();
      }),
      { numRuns: soaked(400, 5_000) },
    );
    expect(accepted).toBeGreaterThan(30);
  });

  it('refuses what the same simulation shows to go on for ever', () => {
    const growing = [
      anImport({ from: 'a.example/*', to: 'a.example/m/{repository}', tags: ['*'], split: false }, 0),
    ];
    expect(settles(growing, new Map([['a.example x:1', '1']]))).toBeNull();
    expect(importCircles(growing, [])).toHaveLength(1);
    const swap = [
      anImport({ from: 'a.example/x', to: 'b.example/{repository}', tags: ['*'], split: false }, 0),
      anImport({ from: 'b.example/x', to: 'a.example/{repository}', tags: ['*'], split: false }, 1),
    ];
    expect(importCircles(swap, [])).toMatchObject([[{ rule: { line: 0 } }, { rule: { line: 1 } }]]);
  });

  it('tells each circle that is for itself, and ends in the last import of the file', () => {
    const ring = ['a', 'b', 'c'].map((name, index, all) =>
      anImport(
        { from: `r.example/${name}`, to: `r.example/${all[(index + 1) % 3]}`, tags: ['*'], split: false },
        index,
      ),
    );
    const alone = anImport(
      { from: 'r.example/z/*', to: 'r.example/z/{repository}', tags: ['*'], split: false },
      3,
    );
    const circles = importCircles([...ring, alone], []);
    expect(circles.map(circle => circle.map(({ rule }) => rule.line))).toEqual([[3], [0, 1, 2]]);
  });

  it('finds those of any graph, each once, on the shortest way through its last import', () => {
    const places = fc.nat({ max: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(places, places), { maxLength: 9 }), edges => {
        const rules = edges.map(([from, to], index) =>
          anImport({ from: `r${from}.example/x`, to: `r${to}.example/x`, tags: ['1'], split: false }, index),
        );
        const found = importCircles(rules, []).map(circle => circle.map(({ rule }) => rule.line));
        expect(found.map(circle => circle.at(-1)).toSorted()).toEqual(lastOfKnots(edges));
        for (const circle of found) {
          expect(circle.length).toBe(distances(edges, circle.at(-1)!).get(circle.at(-1)!));
          circle.forEach((at, index) => {
            expect(edges[at]![0]).toBe(edges[circle.at(index - 1)!]![1]);
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  const onApp = { repositories: [{ registry: 'a.example', pattern: 'app', exclude: false }] };

  it('follows what is taken apart, copied and joined again', () => {
    const there = anImport({ from: 'a.example/app', to: 'b.example/app', tags: ['1.*'], split: true }, 0);
    const back = anImport(
      { from: 'b.example/app', to: 'a.example/app', tags: ['*-amd64', '*-arm64'], split: false },
      1,
    );
    const idle = aRule({ ...onApp, members: '{version}_{os}_{arch}', targets: ['{version}-all'] });
    const rule = aRule(onApp);
    const [circle, ...others] = importCircles([there, back], [idle, rule]);
    expect(circle).toEqual([
      { kind: 'index', rule },
      { kind: 'import', rule: there },
      { kind: 'import', rule: back },
    ]);
    expect(others).toEqual([]);
    expect(importCircles([there, back], [idle])).toEqual([]);
  });

  it('counts an index rule for two repositories as one step between them', () => {
    const there = anImport({ from: 'a.example/app', to: 'b.example/app', tags: ['1.*'], split: true }, 0);
    const repositories = ['a.example', 'b.example'].map(registry => ({
      registry,
      pattern: 'app',
      exclude: false,
    }));
    const rule = aRule({ repositories });
    expect(importCircles([there], [rule])).toEqual([
      [
        { kind: 'index', rule },
        { kind: 'import', rule: there },
      ],
    ]);
  });

  it('takes no way twice where a step leads back into the middle of it', () => {
    const rules = [
      ['x*', 'w'],
      ['w', 'xy'],
      ['xy', 'xz'],
    ].map(([from, to], index) =>
      anImport({ from: `r.example/${from}`, to: `r.example/${to}`, tags: ['1'], split: false }, index),
    );
    expect(importCircles(rules, []).map(circle => circle.map(({ rule }) => rule.line))).toEqual([[0, 1, 2]]);
  });

  it('leaves index rules that feed each other to others', () => {
    const rules = ['x', 'y'].map((mine, index) =>
      aRule({ ...onApp, members: `{name}-{arch}-${mine}`, targets: [`{name}-amd64-${['y', 'x'][index]}`] }),
    );
    const feeds = anImport({ from: 'b.example/app', to: 'a.example/app', tags: ['*-x'], split: false }, 0);
    expect(importCircles([feeds], rules)).toEqual([]);
  });
});
