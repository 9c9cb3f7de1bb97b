/** A registry of ACR as its host names it. */
export interface AcrHost {
  /** Where identities of its cloud log in. */
  readonly authority: string;
  /** What a token of Entra must be for, so that this registry exchanges it. */
  readonly audience: string;
  /** Its cloud's Azure Resource Manager, and what a token for that must be for. */
  readonly resourceManager: string;
}

/**
 * One entry a cloud. The world's registries have an audience of their own, which they take also where tokens for all
 * of Azure are switched off; for the sovereign clouds the SDK knows Azure's own only.
 */
const CLOUDS: Readonly<Record<string, AcrHost>> = {
  io: {
    authority: 'https://login.microsoftonline.com',
    audience: 'https://containerregistry.azure.net',
    resourceManager: 'https://management.azure.com',
  },
  cn: {
    authority: 'https://login.chinacloudapi.cn',
    audience: 'https://management.chinacloudapi.cn',
    resourceManager: 'https://management.chinacloudapi.cn',
  },
  us: {
    authority: 'https://login.microsoftonline.us',
    audience: 'https://management.usgovcloudapi.net',
    resourceManager: 'https://management.usgovcloudapi.net',
  },
};

/** `contoso.azurecr.io`, with the hash that protects a name (`contoso-a1b2c3`), or one Region's own address. */
const HOST = /^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9]+\.geo)?\.azurecr\.(?<cloud>io|cn|us)$/;

/** The cloud of a host of ACR; undefined for any other host, a port included. */
export function acrHost(host: string): AcrHost | undefined {
  const cloud = HOST.exec(host.toLowerCase())?.groups?.cloud;
  return cloud === undefined ? undefined : CLOUDS[cloud];
}
