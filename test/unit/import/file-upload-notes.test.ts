import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../lib/image/digest.ts';
import { FileUploadNotes } from '../../../lib/import/file-upload-notes.ts';

const blob = { host: 'registry.test', repository: 'app', digest: digestOf(Buffer.from('layer')) };
const state = { upload: 'https://registry.test/v2/app/blobs/uploads/1?token=t', offset: 7, done: false };

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'archweave-notes-'));
  folder = join(parent, 'uploads');
});
afterEach(() => rmSync(parent, { recursive: true }));

const noteFile = () => join(folder, readdirSync(folder)[0]!);

describe('notes of uploads in files', () => {
  it('are read by the next run, and gone once the blob is there', async () => {
    await new FileUploadNotes(folder).write(blob, state);
    const next = new FileUploadNotes(folder);
    expect(await next.read(blob)).toEqual(state);
    expect(await next.read({ ...blob, repository: 'other' })).toBeUndefined();
    await next.remove(blob);
    await next.remove(blob);
    expect(await next.read(blob)).toBeUndefined();
  });

  it('are for the eyes of this user only, since an address may carry a token', async () => {
    await new FileUploadNotes(folder).write(blob, state);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(noteFile()).mode & 0o777).toBe(0o600);
  });

  it.each([
    '',
    '{"upload":"https://regis',
    'null',
    '7',
    '[]',
    '{"upload":5,"offset":0,"done":false}',
    '{"upload":"x","offset":-1,"done":false}',
    '{"upload":"x","offset":"1","done":false}',
  ])('count as none where a file holds %j', async text => {
    const notes = new FileUploadNotes(folder);
    await notes.write(blob, state);
    writeFileSync(noteFile(), text);
    expect(await notes.read(blob)).toBeUndefined();
  });

  it('cost no import where they cannot be kept', async () => {
    writeFileSync(folder, 'a file where the folder would be');
    const notes = new FileUploadNotes(folder);
    await notes.write(blob, state);
    await notes.begin('registry.test/app:1.0');
    expect(await notes.read(blob)).toBeUndefined();
    expect(await notes.wasCutOff('registry.test/app:1.0')).toBe(false);
  });

  it('know of each target whether its import was cut off', async () => {
    const notes = new FileUploadNotes(folder);
    await notes.begin('registry.test/app:1.0');
    expect(await notes.wasCutOff('registry.test/app:1.0')).toBe(true);
    expect(await notes.wasCutOff('registry.test/app:1.1')).toBe(false);
    await notes.end('registry.test/app:1.0');
    expect(await notes.wasCutOff('registry.test/app:1.0')).toBe(false);
  });
});
