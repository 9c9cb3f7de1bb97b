import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that tests run and that npm does not bring. */
export type ToolName =
  | 'crane'
  | 'regctl'
  | 'skopeo'
  | 'docker'
  | 'docker-registry'
  | 'jq'
  | 'curl'
  | 'git'
  | 'python3';

export const PROJECT_ROOT = join(import.meta.dirname, '..', '..');

/** Where a tool is: on PATH, or in `.tools/bin`, where `.ci/run` puts what it builds. */
export function findTool(name: ToolName): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(PROJECT_ROOT, '.tools', 'bin')];
  return folders
    .filter(folder => folder !== '')
    .map(folder => join(folder, name))
    .find(isExecutable);
}

/** The path of a tool that must be there; a test that uses it stands in a `describeWith` that names it. */
export function tool(name: ToolName): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(`${name} is not installed (CONTRIBUTING.md says how)`);
  return path;
}

export function isCi(): boolean {
  return !['', '0', 'false'].includes(process.env.CI ?? '');
}

/** A count that is small in the test command and large in `npm run soak`, which sets SOAK. */
export function soaked(usual: number, soak: number): number {
  return (process.env.SOAK ?? '') === '' ? usual : soak;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
