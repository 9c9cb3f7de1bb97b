import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What tests get instead of these. */
const STAND_INS: ReadonlyMap<string, string> = new Map([
  ['@jest/globals', new URL('jest-globals.ts', import.meta.url).href],
  ['fast-check', new URL('few-samples.ts', import.meta.url).href],
]);

/**
 * Lets the modules below `folder` be loaded anew as often as wanted, each time under another `?run=`, and gives their
 * tests what Jest would, and few samples of a property. Type annotations are taken off once a file.
 */
export function installFreshModules(folder: string): {
  readonly urlOf: (file: string, run: number) => string;
} {
  const root = `${pathToFileURL(folder).href}/`;
  const sources = new Map<string, string>();
  registerHooks({
    resolve(specifier, context, next) {
      const run = context.parentURL === undefined ? null : new URL(context.parentURL).searchParams.get('run');
      const standIn = STAND_INS.get(specifier);
      if (run !== null && standIn !== undefined) return { url: standIn, shortCircuit: true };
      const found = next(specifier, context);
      if (run === null || !found.url.startsWith(root) || found.url.includes('/node_modules/')) return found;
      return { ...found, url: `${found.url}?run=${run}` };
    },
    load(url, context, next) {
      const { searchParams, pathname } = new URL(url);
      if (!searchParams.has('run') || !pathname.endsWith('.ts')) return next(url, context);
      let source = sources.get(pathname);
      if (source === undefined) {
        source = stripTypeScriptTypes(readFileSync(decodeURIComponent(pathname), 'utf8'));
        sources.set(pathname, source);
      }
      return { format: 'module', source, shortCircuit: true };
    },
  });
  return { urlOf: (file, run) => `${pathToFileURL(file).href}?run=${run}` };
}
