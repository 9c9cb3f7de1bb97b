import type { Invocation } from '../command.ts';
import { mistake } from '../parse-arguments.ts';
import { readConfig } from '../read-config.ts';
import { type AzureSide, azureSide } from './azure-side.ts';

/** What the flags and archweave.yaml ask for. */
export async function readAzureSide(invocation: Invocation): Promise<AzureSide> {
  const { flags } = invocation;
  const configuration = await readConfig(invocation);
  if (configuration === undefined)
    throw mistake('There is no archweave.yaml that says which registry it is about.', 'archweave check');
  const hooks = flags.value('hooks');
  if (hooks !== undefined && !/^https:\/\/[^\s"'$\\]+$/.test(hooks))
    throw mistake(
      `--hooks "${hooks}" is no https address.`,
      '--hooks https://abc.execute-api.eu-west-1.amazonaws.com',
    );
  return azureSide(configuration.config, {
    registry: flags.value('registry'),
    issuer: flags.value('issuer'),
    account: flags.value('account'),
    region: flags.value('region'),
    name: flags.value('name') ?? 'archweave',
    serve: flags.has('serve'),
    abac: flags.has('abac'),
    hooks,
  });
}
