import { openIdentity } from '../../registry/acr/open-identity.ts';
import { events } from './events.ts';
import { federation } from './federation.ts';
import { oci } from './oci.ts';
import type { OnlineKind } from './online-check.ts';
import { tags } from './tags.ts';
import { write } from './write.ts';

/** ACR, with an identity of Entra. Where a role is missing, reading and writing name it, those of ABAC too. */
export const acr: OnlineKind = {
  async credentials(subject) {
    const { setting, host, invocation } = subject;
    const { tenant, clientId } = setting;
    const who = { host, ...(tenant && { tenant }), ...(clientId && { clientId }) };
    const identity = await openIdentity(who, invocation.env);
    const { signal } = invocation;
    // Where nobody is logged in to Azure, a login of docker's kind is taken.
    const token = await identity.token({ attempt: `log in to ${host}`, signal });
    return token === undefined ? await oci.credentials(subject) : identity.name;
  },
  checks: [write, federation, tags, events],
};
