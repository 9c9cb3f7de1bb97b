import { join } from 'node:path';
import { ServeState } from '../server/serve-state.ts';

/** Where `serve` keeps everything unless told otherwise, in the folder that it was started in. */
export const STORAGE = '.archweave';

/** The host of the registry that `serve` keeps in this folder, whether or not it runs; undefined where it keeps none. */
export async function servedHere(cwd: string): Promise<string | undefined> {
  return (await ServeState.open(join(cwd, STORAGE))).embedded;
}
