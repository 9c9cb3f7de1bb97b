/**
 * Stands in, in the bundles, for what the Azure SDK brings along and a function never does: sign with a certificate
 * (`jsonwebtoken`), open a browser (`open`). It fails where it is called all the same.
 */
export default new Proxy(() => {}, {
  get(_, name) {
    throw new Error(`the bundles of archweave do without this (${String(name)})`);
  },
  apply() {
    throw new Error('the bundles of archweave do without this');
  },
});
