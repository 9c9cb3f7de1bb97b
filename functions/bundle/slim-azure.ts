import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const FLOWS = /^\.\/(OnBehalfOfClient|UserFederatedIdentityCredentialClient|UsernamePasswordClient)\.mjs$/;

const require = createRequire(import.meta.url);

/**
 * Leaves out of a bundle what `@azure/identity` has for persons and certificates: a function shows Entra a proof by AWS
 * and nothing else, and the rest is half of that library's code. Nothing in it is changed: MSAL's own module index is
 * replaced by one with fewer exports, and what would open a browser or sign with a certificate says that it cannot.
 */
export const slimAzure: Plugin = {
  name: 'slim-azure',
  setup(build) {
    const identity = createRequire(require.resolve('@azure/identity'));
    // Its CommonJS main is `lib/msal-node.cjs`; the ES modules stand next to that.
    const msal = join(dirname(identity.resolve('@azure/msal-node')), '..', 'dist');
    const contents: Readonly<Record<string, string>> = {
      '@azure/msal-node': [
        exported('LogLevel', '@azure/msal-common/node'),
        exported('ConfidentialClientApplication', join(msal, 'client', 'ConfidentialClientApplication.mjs')),
        missing('PublicClientApplication'),
        missing('ManagedIdentityApplication'),
      ].join('\n'),
      jsonwebtoken: 'export default { sign() { throw new Error("no certificates in this bundle"); } };',
      open: 'export default () => { throw new Error("no browser in this bundle"); };',
      // What proxies' agents would write for whoever looks for their faults.
      debug: 'export default () => Object.assign(() => {}, { enabled: false });',
    };
    build.onResolve({ filter: /^(@azure\/msal-node|jsonwebtoken|open|debug)$/ }, ({ path }) => ({
      path,
      namespace: 'slim-azure',
      sideEffects: false,
    }));
    // Flows of the same client: in somebody's name, by a code, a refresh token or a password.
    build.onResolve({ filter: FLOWS }, ({ path }) => ({
      path: FLOWS.exec(path)![1]!,
      namespace: 'slim-azure',
      sideEffects: false,
    }));
    build.onLoad({ filter: /.*/, namespace: 'slim-azure' }, ({ path }) => ({
      contents: contents[path] ?? missing(path),
      resolveDir: msal,
      loader: 'js',
    }));
  },
};

function exported(name: string, path: string): string {
  return `export { ${name} } from ${JSON.stringify(path)};`;
}

function missing(name: string): string {
  return `export class ${name} { constructor() { throw new Error('no ${name} in this bundle'); } }`;
}
