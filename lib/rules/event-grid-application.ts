/**
 * The application as which Event Grid shows itself in its tokens, by the cloud that a registry's host is in. Any
 * member of a tenant can get a token for somebody's application; only Event Grid's own gets one as this one.
 *
 * From Microsoft's scripts for secure webhook delivery, which name these two; of other clouds it is not known.
 * https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery
 */
export function eventGridApplication(host: string): string | undefined {
  if (host.endsWith('.azurecr.io')) return '4962773b-9cdb-44cf-a8bf-237846a00ab7';
  return host.endsWith('.azurecr.us') ? '54316b56-3481-47f9-8f30-0300f5542a7b' : undefined;
}
