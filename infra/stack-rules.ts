import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ArchweaveError } from '../lib/errors.ts';
import { isAcrHost } from '../lib/rules/acr-host.ts';
import type { Config } from '../lib/rules/load.ts';
import { type Place, placesOf, servedRules } from './served-rules.ts';

/**
 * What a stack deploys of a configuration: the rules and imports for its own account and Region. Says what it leaves to others.
 * Throws `bad-config` where no rule is left, and where a stack does not know which of several places it is for.
 */
export function rulesOfStack(
  scope: Construct,
  config: Config,
  file: string,
): Pick<Config, 'registries' | 'rules' | 'imports'> {
  const place = placeOf(scope);
  const { rules, imports, idle, elsewhere } = servedRules(config, place);
  const here = `${place.account ?? 'its account'} in ${place.region ?? 'its Region'}`;
  if (rules.length === 0 && imports.length === 0)
    throw refused(
      `no index rule of ${file} is for ECR of ${here}, where this stack goes, or for an ACR registry with tenant and clientId`,
    );
  if (placesOf(rules).length > 1)
    throw refused(
      `${file} has rules for several accounts or Regions; give the stack its env, so that it knows its own`,
    );
  const notes = Annotations.of(scope);
  for (const name of idle)
    notes.addError(
      `${file}: registry ${name} is this stack's own, and no rule is for it; add one, or take it out`,
    );
  const left = config.imports.filter(one => !imports.includes(one)).map(({ name }) => name);
  if (left.length > 0)
    notes.addWarningV2(
      'archweave:imports',
      `${file}: the imports ${left.join(', ')} are not run by this stack: neither end is its own; archweave import runs them`,
    );
  for (const { name, from, to } of imports)
    for (const { registry } of [from, to])
      if (isAcrHost(registry) && !knowsWhoItIs(config, registry))
        notes.addError(
          `${file}: the import ${name} goes to ${registry}, and nothing says as whom: give it tenant and clientId (archweave azure bicep)`,
        );
  if (elsewhere.length > 0)
    notes.addInfo(`${file}: this stack is for ECR of ${here}; ${elsewhere.join(', ')} is left to others`);
  return { registries: config.registries.filter(({ name }) => !elsewhere.includes(name)), rules, imports };
}

function knowsWhoItIs({ registries }: Pick<Config, 'registries'>, host: string): boolean {
  const found = registries.find(registry => registry.host === host);
  return found?.tenant !== undefined && found.clientId !== undefined;
}

function placeOf(scope: Construct): Place {
  const { account, region } = Stack.of(scope);
  return {
    ...(Token.isUnresolved(account) ? {} : { account }),
    ...(Token.isUnresolved(region) ? {} : { region }),
  };
}

function refused(reason: string): ArchweaveError {
  return new ArchweaveError({ code: 'bad-config', attempt: '', reason });
}
