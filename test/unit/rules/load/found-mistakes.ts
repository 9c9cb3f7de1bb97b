import { loadConfig } from '../../../../lib/rules/load.ts';
import { renderFindings } from '../../../../lib/rules/render-findings.ts';

export const REGISTRIES = `registries:
  prod: 123456789012.dkr.ecr.eu-west-1.amazonaws.com
  contoso: contoso.azurecr.io
`;
export const PLATFORMS = '    platforms: [linux/amd64, linux/arm64]\n';

/** A rule from line 4 on: its repositories, then these lines, then what a rule has to have. */
export const rule = (...lines: string[]) =>
  `${REGISTRIES}indexes:\n  - repositories: [prod/team/*]\n${PLATFORMS}${lines.map(line => `    ${line}\n`).join('')}`;

export function check(text: string): string {
  return renderFindings(loadConfig(text, { file: 'archweave.yaml' }), 'archweave.yaml');
}

/** Everything but the last line, which counts. */
export const found = (text: string) => check(text).replace(/\n[^\n]*\n$/, '');
