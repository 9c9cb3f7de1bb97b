import { includeReader } from '../files/included-files.ts';
import type { Finding, LoadedConfig } from '../rules/load.ts';
import type { Answer, RunCommand } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { findConfig } from './find-config.ts';
import { mistake } from './parse-arguments.ts';

/** `archweave check`: findings are the answer, so they go to stdout; only --online contacts anybody. */
export const run: RunCommand = async invocation => {
  const { flags, common, cwd, env } = invocation;
  if (flags.has('write') && !flags.has('online'))
    throw mistake('--write goes with --online.', 'archweave check --online --write');
  if (flags.has('schema')) {
    const { configJsonSchema } = await import('../rules/load/schema.ts');
    const schema = configJsonSchema();
    return { exit: EXIT.ok, text: `${JSON.stringify(schema, undefined, 2)}\n`, document: schema };
  }
  const found = findConfig(cwd, { config: common.config, env });
  const { loadConfig } = await import('../rules/load.ts');
  const loaded = loadConfig(found.text, { file: found.file, readIncluded: includeReader(found.path, cwd) });
  const answer = await runCheck(loaded, { file: found.file, annotate: env.GITHUB_ACTIONS === 'true' });
  if (!flags.has('online') || loaded.config === undefined) return answer;
  const { checkOnline } = await import('./check-online.ts');
  const { onlineDocument, onlineLines } = await import('./tell-online.ts');
  const checked = await checkOnline(loaded.config, invocation);
  const wrong = checked.some(({ results }) => results.some(({ verdict }) => verdict === 'WRONG'));
  return {
    exit: wrong ? EXIT.failed : EXIT.ok,
    text: `${answer.text}${onlineLines(checked, invocation.terminal.paint).join('\n')}\n`,
    document: { ...answer.document, online: onlineDocument(checked) },
  };
};

/**
 * What `check` answers for a configuration that was loaded: its text, its document for --json, and 2 where there is
 * a mistake (warnings alone are 0). `annotate` adds a line for GitHub Actions for each finding.
 */
export async function runCheck(
  loaded: LoadedConfig,
  { file, annotate }: { readonly file: string; readonly annotate: boolean },
): Promise<Answer> {
  const { renderAnnotations, renderFindings } = await import('../rules/render-findings.ts');
  const wrong = loaded.findings.some(({ severity }) => severity === 'error');
  const annotations = annotate ? renderAnnotations(loaded.findings) : '';
  return {
    exit: wrong ? EXIT.mistake : EXIT.ok,
    text: annotations + renderFindings(loaded, file),
    document: { file, findings: loaded.findings.map(documented), online: [] },
  };
}

function documented({ severity, code, file, line, column, endColumn, message, next }: Finding) {
  return { severity, code, file, line, column, endColumn, message, next: next ?? null };
}
