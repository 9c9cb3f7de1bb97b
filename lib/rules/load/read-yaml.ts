import { parseDocument, type YAMLParseError } from 'yaml';
import { quoted } from './finding.ts';
import { Report } from './report.ts';
import { addSecretLines, Secrets } from './secrets.ts';
import { type Tree, toTree, Unreadable } from './yaml-tree.ts';

/** Characters; a file of 500 teams has a tenth of it. */
const LONGEST_FILE = 1_000_000;
/** One forgotten bracket is an error on every line after it. */
const MOST_ERRORS = 10;
const DEEPEST_FLOW = 100;
const TOO_DEEP = { code: 'yaml', message: 'this is nested too deep' };

/** A file as far as it could be read. Without `tree` the report has said why. */
export interface ReadFile {
  readonly report: Report;
  readonly secrets: Secrets;
  readonly tree?: Tree;
}

/** Reads YAML 1.2 with places. Never throws: what is wrong with it is in the report. */
export function readYaml(file: string, text: string): ReadFile {
  const secrets = new Secrets();
  if (text.length > LONGEST_FILE) {
    const report = new Report(file, '', secrets);
    report.add(
      { from: 0, to: 0 },
      { code: 'yaml', message: `this file has more than ${LONGEST_FILE} characters` },
    );
    return { report, secrets };
  }
  const report = new Report(file, text, secrets);
  try {
    refuseDeepFlow(text);
    // Its pretty errors quote the file, secrets and all; its check of keys takes time by the square of their number.
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
    if (document.errors.length > 0) {
      addSecretLines(text, secrets);
      for (const error of document.errors.slice(0, MOST_ERRORS)) addYamlError(report, text, error);
      return { report, secrets };
    }
    const tree = toTree(document, text, (key, range) => {
      report.add(range, { code: 'yaml', message: `${quoted(key)} is there twice` });
    });
    return { report, secrets, tree };
  } catch (error) {
    addSecretLines(text, secrets);
    if (error instanceof Unreadable) report.add(error.range, { code: 'yaml', message: error.message });
    // What remains is a full stack: block lists nested by the thousand.
    else if (error instanceof RangeError) report.add({ from: 0, to: 1 }, TOO_DEEP);
    else throw error;
    return { report, secrets };
  }
}

function addYamlError(report: Report, text: string, error: YAMLParseError): void {
  const [from, to] = error.pos;
  if (error.code === 'TAB_AS_INDENT') {
    const start = text.lastIndexOf('\n', from - 1) + 1;
    const tab = text.indexOf('\t', start);
    report.add(
      { from: tab < 0 ? from : tab, to: Math.max(from, tab) + 1 },
      {
        code: 'yaml',
        message: 'a tab indents this line; YAML wants spaces',
      },
    );
  } else if (/call stack/.test(error.message)) {
    report.add({ from, to }, TOO_DEEP);
  } else {
    report.add({ from, to }, { code: 'yaml', message: `this is no YAML: ${error.message.split('\n')[0]}` });
  }
}

// The parser recurses, and thousands of open brackets can end the process. Brackets in texts count too, which no
// file of this kind comes near to.
function refuseDeepFlow(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > DEEPEST_FLOW) throw new Unreadable(TOO_DEEP.message, { from: at, to: at + 1 });
  }
}
