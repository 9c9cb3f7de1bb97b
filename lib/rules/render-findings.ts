import type { Finding } from './load/finding.ts';
import type { LoadedConfig } from './load.ts';

/**
 * Findings as people read them, with a last line that counts them; the same text for `check` and `cdk synth`.
 * `file` is the configuration's name. Ends with a line break.
 */
export function renderFindings(loaded: Pick<LoadedConfig, 'findings' | 'counts'>, file: string): string {
  if (loaded.findings.length === 0) return `${file}: ${counted(loaded.counts)}. No mistakes.\n`;
  const errors = loaded.findings.filter(({ severity }) => severity === 'error').length;
  const warnings = loaded.findings.length - errors;
  const counts = [many(errors, 'mistake'), many(warnings, 'warning')].filter(text => !text.startsWith('0 '));
  return `${loaded.findings.map(renderFinding).join('\n')}\n${counts.join(', ')} in ${file}. Nothing was contacted.\n`;
}

/** One finding: where and what, the line with a mark under the place, and what to write instead. */
function renderFinding(finding: Finding): string {
  const { file, line, column, severity, message, code, frame, next } = finding;
  const number = String(line).padStart(4);
  const margin = ' '.repeat(number.length);
  const mark = ' '.repeat(frame.from) + '^'.repeat(Math.max(1, frame.to - frame.from));
  const lines = [
    `${file}:${line}:${column}: ${severity}: ${message}  [${code}]`,
    `${number} | ${frame.text}`,
    `${margin} | ${mark}`,
    ...(next === undefined ? [] : [`${margin} next: ${next}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Findings as GitHub Actions takes them out of a job's output, a line each; they show beside the line of the file. */
export function renderAnnotations(findings: readonly Finding[]): string {
  return findings
    .map(({ severity, file, line, column, message, code, next }) => {
      const place = `file=${escapeProperty(file)},line=${line},col=${column}`;
      const text = `${message}  [${code}]${next === undefined ? '' : `\nnext: ${next}`}`;
      return `::${severity} ${place}::${escapeData(text)}\n`;
    })
    .join('');
}

function counted({ registries, rules, imports }: LoadedConfig['counts']): string {
  const parts = [
    `${registries} ${registries === 1 ? 'registry' : 'registries'}`,
    many(rules, 'index rule'),
    ...(imports > 0 ? [many(imports, 'import')] : []),
  ];
  return parts.join(', ');
}

function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
