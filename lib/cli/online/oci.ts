import { loginSource } from '../../registry/oci/login.ts';
import { pointedLogin } from '../pointed-login.ts';
import { events } from './events.ts';
import type { OnlineKind } from './online-check.ts';
import { tags } from './tags.ts';
import { write } from './write.ts';

/** Any registry that speaks the OCI distribution API. */
export const oci: OnlineKind = {
  async credentials({ setting, host, invocation: { env, signal } }) {
    const pointed = setting.credentials === undefined ? undefined : pointedLogin(setting.credentials);
    const source = typeof pointed === 'function' ? pointed : loginSource(pointed, env);
    const { login, tried } = await source(host, signal);
    return login === undefined ? `none, anonymous (${tried.join('; ')})` : (tried[0] ?? 'found');
  },
  checks: [write, tags, events],
};
