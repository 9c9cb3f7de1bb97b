import { architectureNamed } from '../image/architectures.ts';
import { formatPlatform, type Platform, parsePlatform } from '../image/platform.ts';
import { mistake } from './parse-arguments.ts';

/** A platform as `--platform` says it. Throws `bad-argument`, with what images call it where that is known. */
export function platformFlag(text: string): Platform;
export function platformFlag(text: string | undefined): Platform | undefined;
export function platformFlag(text: string | undefined): Platform | undefined {
  if (text === undefined) return undefined;
  const platform = parsePlatform(text);
  if (platform !== undefined) return platform;
  const [os = '', spelling = ''] = text.toLowerCase().split('/');
  const known = architectureNamed(spelling === '' ? os : spelling);
  if (known === undefined)
    throw mistake(`"${text}" is not a platform.`, 'linux/amd64, linux/arm64, linux/arm/v7');
  const meant = formatPlatform({ os: spelling === '' ? 'linux' : os, ...known });
  throw mistake(`"${text}" is not a platform; images call it ${meant}.`, `--platform ${meant}`);
}
