import { expect } from '@jest/globals';
import { loadConfig } from '../../../../lib/rules/load.ts';
import type { Rule } from '../../../../lib/rules/rule.ts';

export const SMALLEST = 'indexes: [{repositories: [registry.lan/*], platforms: [linux/amd64, linux/arm64]}]';

export const load = (text: string) => loadConfig(text, { file: 'archweave.yaml' });

export function configOf(text: string) {
  const { config, findings } = load(text);
  expect(findings).toEqual([]);
  return config!;
}

/** The only rule of a file whose rule has these lines besides its repositories and platforms. */
export function ruleWith(lines: string, host = 'registry.lan'): Rule {
  const [rule] = configOf(
    `indexes:\n  - repositories: [${host}/*]\n    platforms: [linux/amd64, linux/arm64]\n${lines.replace(/^(?=.)/gm, '    ')}\n`,
  ).rules;
  return rule!;
}

export const HOUR = 3_600_000;
