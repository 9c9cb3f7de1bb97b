/** A process that pushes without end and says what is stored, for a test that kills it. */
import { openStorage } from '../../../../lib/server/storage/open-storage.ts';
import { imageOf, storeBlob } from '../registry/embedded-fixture.ts';

const storage = await openStorage(process.argv[2]!);
const say = (line: string) => process.send!(line);
say('open');
const from = Number(process.argv[3] ?? 0);
for (let at = from; ; at++) {
  await Promise.all(
    ['x', 'y', 'z'].map(async client => {
      const repository = `storm/${client}`;
      const tag = `v${at}`;
      const config = JSON.stringify({ client, at });
      await storeBlob(storage, repository, config);
      storage.putManifest(repository, imageOf(config), [tag, 'latest']);
      say(`${repository} ${tag}`);
    }),
  );
}
