import { homedir } from 'node:os';
import { join } from 'node:path';
import { FileUploadNotes } from '../import/file-upload-notes.ts';
import type { Invocation } from './command.ts';

/** The notes of this user's imports, where programs keep what they remember: $XDG_STATE_HOME/archweave/uploads. */
export function uploadNotes({ env }: Pick<Invocation, 'env'>): FileUploadNotes {
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state');
  return new FileUploadNotes(join(state, 'archweave', 'uploads'));
}
