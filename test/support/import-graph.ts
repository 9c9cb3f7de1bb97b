import { readdirSync, readFileSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';

export interface ImportEdge {
  /** A path from the root for our own files, else the package (`hono`, `@scope/name`) or `node:NAME`. */
  readonly to: string;
  /** A `static` one runs when the module is loaded, a `dynamic` one when it is needed, a `type` never. */
  readonly kind: 'static' | 'dynamic' | 'type';
}

/** Who imports whom; the keys are paths from the root with `/` between their parts. */
export type ImportGraph = ReadonlyMap<string, readonly ImportEdge[]>;

const STATEMENT = /^[ \t]*(import|export)\b(\s+type\b)?(?:[^'"`;]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
const CALL = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Reads every .ts file in the folders; a folder that is not there has none. */
export function importGraph(root: string, folders: readonly string[]): ImportGraph {
  const files = folders.flatMap(folder => filesIn(root, folder)).toSorted();
  return new Map(files.map(file => [file, edgesOf(file, withoutComments(sourceOf(root, file)))]));
}

export function sourceOf(root: string, file: string): string {
  return readFileSync(`${root}/${file}`, 'utf8');
}

/** Good enough for formatted code: a `//` inside a text loses its line's end, which no import stands on. */
export function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

function filesIn(root: string, folder: string): readonly string[] {
  try {
    return readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
      .map(entry => relative(root, `${entry.parentPath}/${entry.name}`).split(sep).join('/'));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
}

function edgesOf(file: string, source: string): readonly ImportEdge[] {
  const statements = [...source.matchAll(STATEMENT)].map(([, , type, specifier]) => ({
    to: resolved(file, specifier!),
    kind: type === undefined ? ('static' as const) : ('type' as const),
  }));
  const calls = [...source.matchAll(CALL)].map(([, specifier]) => ({
    to: resolved(file, specifier!),
    kind: source.includes(`typeof import('${specifier}')`) ? ('type' as const) : ('dynamic' as const),
  }));
  return [...statements, ...calls];
}

function resolved(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * The ways from `start` to what must not be reached, one for each last step, the shortest first. Only edges that
 * `follow` lets through are walked.
 */
export function forbiddenPaths(
  graph: ImportGraph,
  start: string,
  forbidden: (to: string, from: string) => boolean,
  follow: (edge: ImportEdge) => boolean = () => true,
): readonly (readonly string[])[] {
  const seen = new Set([start]);
  const queue: (readonly string[])[] = [[start]];
  const found: (readonly string[])[] = [];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const from = path.at(-1)!;
    for (const edge of graph.get(from) ?? []) {
      if (!follow(edge)) continue;
      if (forbidden(edge.to, from)) found.push([...path, edge.to]);
      else if (!seen.has(edge.to)) {
        seen.add(edge.to);
        queue.push([...path, edge.to]);
      }
    }
  }
  return found;
}
