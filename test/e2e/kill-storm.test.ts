import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { pushContent, sampleImage } from '../support/e2e-images.ts';
import { freePort, pause, run, temporaryFolder, until } from '../support/e2e-run.ts';
import { type Served, serve } from '../support/e2e-serve.ts';
import { describeWith, soaked, tool } from '../support/tools.ts';

const PLATFORMS = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
];

/** Pushes until it is acknowledged, as a CI job that retries does; answers how often it was cut off. */
async function pushUntilTaken(
  host: string,
  tag: string,
  text: string,
  architecture: number,
): Promise<number> {
  const image = sampleImage(PLATFORMS[architecture]!, { text, build: text });
  let cutOff = 0;
  const taken = await until(
    () =>
      pushContent(host, 'storm', tag, image).then(
        () => true,
        () => {
          cutOff += 1;
          return undefined;
        },
      ),
    { timeout: 30_000, every: 20 },
  );
  if (taken === undefined) throw new Error(`${tag} was never taken`);
  return cutOff;
}

describeWith(['crane'], 'a storm of pushes in which serve is killed', () => {
  it('ends with every index right and the storage sound', async () => {
    const folder = temporaryFolder('storm');
    const listen = `127.0.0.1:${await freePort()}`;
    const start = (): Promise<Served> =>
      serve({ storage: join(folder.path, 's'), listen, cwd: folder.path, args: ['--reconcile', '1s'] });
    let served = await start();
    try {
      const kills = soaked(5, 50);
      const wanted: string[] = [];
      let cutOff = 0;
      for (let kill = 1; kill <= kills; kill += 1) {
        // The moments differ from kill to kill, and are the same from run to run.
        const moment = (kill * 19) % 120;
        const versions = [0, 1, 2].map(group => `${kill}.${group}`);
        wanted.push(...versions);
        const pushes = versions.flatMap(version => [
          pushUntilTaken(listen, `${version}-amd64`, version, 0),
          pushUntilTaken(listen, `${version}-arm64`, version, 1),
        ]);
        await pause(moment);
        await served.stop('SIGKILL');
        served = await start();
        for (const times of await Promise.all(pushes)) cutOff += times;
      }
      expect(cutOff).toBeGreaterThan(0);
      for (const version of wanted) {
        const there = await until(
          async () => ((await fetch(`http://${listen}/v2/storm/manifests/${version}`)).ok ? true : undefined),
          { timeout: 30_000, every: 100 },
        );
        expect({ version, there }).toEqual({ version, there: true });
        const { rc, err } = await run(tool('crane'), ['validate', '--remote', `${listen}/storm:${version}`]);
        expect({ version, rc, err }).toMatchObject({ version, rc: 0 });
      }
    } finally {
      await served.stop();
      folder.remove();
    }
  });
});
