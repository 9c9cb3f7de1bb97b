import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchweaveError } from '../../errors.ts';
import { BlobStore } from './blob-store.ts';
import { Catalogue } from './catalogue.ts';
import { diskError } from './disk-error.ts';
import { ManifestStore } from './manifest-store.ts';
import { Storage } from './storage.ts';
import { UploadStore } from './upload-store.ts';

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Opens the embedded registry's folder, making it where there is none, for this process alone. `now` is in
 * milliseconds since 1970.
 *
 * Throws `storage-in-use`, with the other's process id in the reason, while another process has it. The lock is the
 * operating system's on the catalogue, so it ends with its process and a reused process id means nothing; the file
 * `pid` is there to be read by people and by the message.
 */
export async function openStorage(folder: string, { now = Date.now } = {}): Promise<Storage> {
  const attempt = `use ${folder}`;
  const pidFile = join(folder, 'pid');
  try {
    await mkdir(folder, { recursive: true });
    const catalogue = await openCatalogue(folder, pidFile);
    try {
      await writeFile(pidFile, `${process.pid}\n`);
      // What an earlier process was in the middle of. Nobody can go on with it.
      await rm(join(folder, 'uploads'), { recursive: true, force: true });
      await mkdir(join(folder, 'uploads'));
    } catch (error) {
      catalogue.close();
      throw error;
    }
    const blobs = new BlobStore(join(folder, 'blobs'), catalogue);
    const uploads = new UploadStore(join(folder, 'uploads'), blobs, now);
    const manifests = new ManifestStore(catalogue, blobs);
    const release = () => rm(pidFile, { force: true });
    return new Storage({ catalogue, manifests, blobs, uploads, now, release });
  } catch (error) {
    throw diskError(error, attempt);
  }
}

async function openCatalogue(folder: string, pidFile: string): Promise<Catalogue> {
  try {
    return new Catalogue(join(folder, 'registry.sqlite'));
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 !== SQLITE_BUSY) throw error;
    const pid = await readFile(pidFile, 'utf8').catch(() => '');
    const who = pid === '' ? 'another archweave' : `another archweave (pid ${pid.trim()})`;
    const reason = `${who} has it`;
    throw new ArchweaveError({ code: 'storage-in-use', attempt: `use ${folder}`, reason, cause: error });
  }
}
