import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const SEND = 'send(command, optionsOrCb, cb) {';

/**
 * Makes the SDK's clients in a bundle tell `globalThis.benchCall` of each call, from its beginning to its end:
 * waiting-handler.mjs adds up how long any was under way.
 */
export const timedCalls: Plugin = {
  name: 'timed-calls',
  setup({ onLoad }) {
    onLoad({ filter: /smithy-client[\\/]client\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(SEND)) throw new Error(`${path} is not what the benchmark knows`);
      const told = 'send(...call) { return globalThis.benchCall(() => this.sendNow(...call)); }';
      return { contents: source.replace(SEND, `${told}\n    ${SEND.replace('send', 'sendNow')}`) };
    });
  },
};
