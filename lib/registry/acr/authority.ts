import type { AcrHost } from './acr-host.ts';

/** Hosts that the Azure SDK knows to be Entra's, so that it need not ask whether they are. */
const ENTRA: ReadonlySet<string> = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
]);

/**
 * Where to log in, as the SDK's credentials take it. `AZURE_AUTHORITY_HOST`, which is the SDK's own, goes before what
 * the registry's cloud says. An authority that nobody knows (a disconnected cloud has one) cannot be asked after in
 * the public one, and is believed: whoever sets the environment is trusted with more than that.
 */
export function authorityOf(
  { authority: usual }: AcrHost,
  { AZURE_AUTHORITY_HOST: said }: Readonly<Record<string, string | undefined>> = process.env,
) {
  const authority = said || usual;
  const authorityHost = /^https?:\/\//.test(authority)
    ? authority.replace(/\/+$/, '')
    : `https://${authority}`;
  const isKnown = URL.canParse(authorityHost) && ENTRA.has(new URL(authorityHost).host);
  return { authority: authorityHost, authorityHost, disableInstanceDiscovery: !isKnown };
}
