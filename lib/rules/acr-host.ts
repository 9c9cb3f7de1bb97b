/** The hosts that Azure gives its registries, in each of its clouds. */
export function isAcrHost(host: string): boolean {
  return /^[a-z0-9-]+\.azurecr\.(?:io|cn|us)$/.test(host);
}
