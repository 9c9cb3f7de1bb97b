import type { TextCheck } from './check-text.ts';
import { quoted } from './finding.ts';

export const GUID_PATTERN = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

const GUID = new RegExp(GUID_PATTERN);

/** Where the id is found, since nobody knows it by heart. */
const FOUND: Readonly<Record<string, string>> = {
  tenant: 'az account show --query tenantId',
  clientId: 'az identity show --resource-group GROUP --name archweave-write --query clientId',
};

/** An id of Entra: 32 hex digits in five groups. Names and domains are none. */
export function checkGuid(name: string): TextCheck {
  return text =>
    GUID.test(text)
      ? undefined
      : {
          code: 'bad-value',
          message: `${quoted(text)} is no id of Entra`,
          next: `what this prints: ${FOUND[name]}`,
        };
}

export const checkAudience: TextCheck = text =>
  GUID.test(text) || /^(api|https):\/\/[A-Za-z0-9._~/-]+$/.test(text)
    ? undefined
    : {
        code: 'bad-value',
        message: `${quoted(text)} is no audience of a token`,
        next: "the application's id, or its URI: api://...",
      };

/** As Azure allows it. */
export const checkSubscription: TextCheck = text =>
  /^[A-Za-z0-9-]{3,64}$/.test(text)
    ? undefined
    : {
        code: 'bad-value',
        message: `${quoted(text)} is no name of an event subscription; it has 3 to 64 letters, digits and -`,
      };

export const RESOURCE_PATTERN =
  '^/subscriptions/[0-9a-fA-F-]{36}/[rR]esource[gG]roups/[^/]{1,90}/providers/Microsoft\\.ContainerRegistry/registries/[A-Za-z0-9]{5,50}$';

const RESOURCE = new RegExp(RESOURCE_PATTERN);

/** As Azure prints it. */
export const checkResource: TextCheck = text =>
  RESOURCE.test(text)
    ? undefined
    : {
        code: 'bad-value',
        message: `${quoted(text)} is no resource id of a registry`,
        next: 'what this prints: az acr show --name NAME --query id',
      };
