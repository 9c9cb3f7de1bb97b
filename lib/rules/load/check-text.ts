import { architectureNamed } from '../../image/architectures.ts';
import { formatPlatform, parsePlatform } from '../../image/platform.ts';
import { parseDuration } from '../duration.ts';
import { REPOSITORY } from '../import-scope.ts';
import { parseTemplate, TemplateMistake } from '../parse-template.ts';
import { quoted, type Refusal } from './finding.ts';

/** What is wrong with one text of the file, looked at alone; undefined where nothing is. */
export type TextCheck = (text: string) => Refusal | undefined;

export const checkDuration: TextCheck = text => {
  if (parseDuration(text) !== undefined) return undefined;
  const count = /^[0-9]{1,6}$/.test(text) ? (Number(text) === 0 ? '0s' : `${Number(text)}m`) : '30m';
  return { code: 'duration', message: `${quoted(text)} is no duration`, next: `${count}   (s, m, h or d)` };
};

export const checkOverdue: TextCheck = text => (text === 'never' ? undefined : checkDuration(text));

export const checkPlatform: TextCheck = text => {
  if (parsePlatform(text)) return undefined;
  const meant = platformMeant(text);
  if (!meant) {
    return {
      code: 'bad-platform',
      message: `${quoted(text)} is not a platform`,
      next: 'linux/amd64   (OS/ARCHITECTURE, /VARIANT where there is one)',
    };
  }
  const spelling = text.split(/[/:]/).find(part => architectureNamed(part) && !meant.includes(part));
  return {
    code: 'bad-platform',
    message: `${quoted(text)} is not a platform; images call it ${meant}`,
    next: spelling ? `${meant}   (tags may say ${spelling}, {arch} knows it)` : meant,
  };
};

/** `linux/x86_64`, `Linux/AMD64`, `arm64v8` or `macos/arm64` as images call them. */
function platformMeant(text: string): string | undefined {
  const [path = '', version] = text.toLowerCase().split(':', 2);
  const parts = path.split('/');
  const [os, spelling, variant] = parts.length === 1 ? ['linux', parts[0]] : parts;
  const named = architectureNamed(spelling ?? '');
  if (!os || !named || parts.length > 3) return undefined;
  const system = os === 'macos' ? 'darwin' : os;
  const written = [system, named.architecture, variant ?? named.variant]
    .filter(part => part !== undefined)
    .join('/');
  const platform = parsePlatform(version === undefined ? written : `${written}:${version}`);
  return platform && formatPlatform(platform);
}

export const checkMembers: TextCheck = text => checkTemplate(text, false);

export const checkTarget: TextCheck = text => checkTemplate(text, true);

function checkTemplate(text: string, target: boolean): Refusal | undefined {
  try {
    parseTemplate(text, { target });
    return undefined;
  } catch (error) {
    if (!(error instanceof TemplateMistake)) throw error;
    const { message, next, offset, length } = error;
    return { code: 'template', message, next, ...(length > 0 ? { offset, length } : {}) };
  }
}

export const checkNewest: TextCheck = text =>
  text === 'created' || /^label:[^\s]+$/.test(text)
    ? undefined
    : {
        code: 'bad-value',
        message: `${quoted(text)} does not say which build is the newest`,
        next: 'label:NAME (a number or a version), or created',
      };

export const checkRepository: TextCheck = text => {
  const { prefix, registry, pattern } = splitRepository(text);
  if (registry === '' || pattern === undefined || pattern === '') {
    const next = registry === '' ? 'prod/team/*' : `${prefix}${registry}/*`;
    return { code: 'bad-repository', message: `${quoted(text)} names no repository`, next };
  }
  if (/^[a-z0-9*]([a-z0-9*._/-]*[a-z0-9*])?$/.test(pattern) && !pattern.includes('//')) return undefined;
  const why = /[A-Z]/.test(pattern)
    ? 'names are lower case'
    : /[:@]/.test(pattern)
      ? 'leave the tag out'
      : 'no registry takes that name';
  return {
    code: 'bad-repository',
    message: `${quoted(text)} is no repository; ${why}`,
    ...suggestion(text, pattern),
  };
};

function suggestion(text: string, pattern: string): { next?: string } {
  if (/[A-Z]/.test(pattern)) return { next: text.slice(0, -pattern.length) + pattern.toLowerCase() };
  return /[:@]/.test(pattern)
    ? { next: text.slice(0, -pattern.length) + pattern.replace(/[:@].*$/s, '') }
    : {};
}

/** `!prod/team/*` in its parts. `offset` is where the registry's name begins. */
export function splitRepository(text: string): {
  readonly exclude: boolean;
  readonly prefix: string;
  readonly registry: string;
  readonly pattern: string | undefined;
} {
  const prefix = text.startsWith('!') ? '!' : '';
  const rest = text.slice(prefix.length);
  const slash = rest.indexOf('/');
  return {
    exclude: prefix === '!',
    prefix,
    registry: slash < 0 ? rest : rest.slice(0, slash),
    pattern: slash < 0 ? undefined : rest.slice(slash + 1),
  };
}

/** Where an import copies from: one pattern, and nothing to take away from it. */
export const checkImportSource: TextCheck = text => {
  if (!text.startsWith('!')) return checkRepository(text);
  return {
    code: 'bad-repository',
    message: `${quoted(text)} only takes away; an import has one pattern`,
    next: text.slice(1),
  };
};

/** Where an import copies to: a repository, in which `{repository}` stands for the name at the source. */
export const checkImportTarget: TextCheck = text => {
  const { registry, pattern } = splitRepository(text);
  const wrong = /\{[^}]*\}?|\}/.exec((pattern ?? '').replaceAll(REPOSITORY, ''))?.[0];
  if (wrong !== undefined) {
    const next = `${registry}/mirror/${REPOSITORY}`;
    return {
      code: 'template',
      message: `to has no ${quoted(wrong)}; it has ${REPOSITORY} and nothing else`,
      next,
    };
  }
  if (text.includes('*')) {
    return {
      code: 'bad-repository',
      message: `${quoted(text)} is no repository; * is for from`,
      next: text.replaceAll('*', REPOSITORY),
    };
  }
  const refusal = text.startsWith('!')
    ? { code: 'bad-repository', message: `${quoted(text)} names no repository` }
    : checkRepository(text.replaceAll(REPOSITORY, 'x'));
  // What it says was said of another text; the place and the code are right.
  return refusal && { code: refusal.code, message: `${quoted(text)} is no repository to copy to` };
};

export const checkTagGlob: TextCheck = text =>
  /^[A-Za-z0-9_.*-]{1,128}$/.test(text)
    ? undefined
    : { code: 'bad-value', message: `${quoted(text)} matches no tag`, next: '"*-debug"' };

export const checkWhen: TextCheck = text => {
  if (['published', 'pushed', 'manual'].includes(text)) return undefined;
  const every = /^every (.+)$/.exec(text);
  if (every) {
    const wrong = checkDuration(every[1]!);
    const never = parseDuration(every[1]!) === 0;
    if (never) return { code: 'duration', message: `${quoted(text)} would never end`, next: 'every 1h' };
    return wrong && { ...wrong, next: `every ${wrong.next}` };
  }
  return {
    code: 'bad-value',
    message: `${quoted(text)} is no time to import`,
    next: 'published, pushed, every 24h or manual',
  };
};

const NAME = /^[^\p{Cc}\p{Cf}]{1,100}$/u;

export const checkName: TextCheck = text =>
  NAME.test(text)
    ? undefined
    : { code: 'bad-value', message: `${quoted(text)} is no name; it has 1 to 100 characters` };
