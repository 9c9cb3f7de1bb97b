import { isLoopback } from '../image/reference.ts';
import { parseTemplate } from './parse-template.ts';
import type { Rule } from './rule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a rule is where its file says nothing. */
export const RULE_DEFAULTS = {
  members: '{version}-{arch}',
  target: '{version}',
  sameBuild: { labels: ['org.opencontainers.image.revision'], mode: 'strict' },
  settle: 30 * MINUTE,
  partial: 'publish',
  grace: 0,
  overdue: HOUR,
  horizon: 7 * 24 * HOUR,
  format: 'auto',
  attestations: 'keep',
  mode: 'publish',
  adopt: false,
} as const;

/** The rule that holds for a registry where there is no archweave.yaml. */
export function builtInRule(registryHost: string): Rule {
  const { members, target, ...rest } = RULE_DEFAULTS;
  return {
    ...rest,
    name: 'built in',
    line: 0,
    repositories: [{ registry: registryHost, pattern: '*', exclude: false }],
    members: parseTemplate(members),
    targets: [parseTemplate(target, { target: true })],
    platforms: [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ],
    optional: [],
    exclude: [],
    newest: { by: 'nothing' },
    annotations: {},
    backfill: isLoopback(registryHost),
    pin: {},
  };
}
