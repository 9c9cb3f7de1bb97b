import type { Join } from '../assembly/join.ts';
import { parseMember, parseReference, type Reference } from '../image/reference.ts';
import type { Invocation } from './command.ts';
import { choiceFlag, mistake } from './parse-arguments.ts';
import { platformFlag } from './platform-flag.ts';
import { withLatest } from './read-reference.ts';
import { type RegistrySettings, readRegistrySettings } from './registry-settings.ts';

/** A member as `create` knows it: by `alias` within the join, and where it really is. */
export interface NamedMember {
  /** The tag or digest where that is in the target's repository; unique in any case. */
  readonly alias: string;
  readonly reference: Reference;
  /** Whether it is in another repository, so that it has to be copied. */
  readonly elsewhere: boolean;
}

export interface JoinRequest {
  readonly target: Reference;
  readonly members: readonly NamedMember[];
  readonly join: Join;
  readonly settings: RegistrySettings;
}

/** What the arguments of `create` ask for. Every mistake that can be seen without a network is found here. */
export async function readJoinRequest(invocation: Invocation): Promise<JoinRequest> {
  const { operands, flags, terminal } = invocation;
  const settings = await readRegistrySettings(operands, invocation);
  const registries = Object.fromEntries(settings.map(({ name, host }) => [name, host]));
  const named = parseReference(operands[0]!, { registries });
  if (named.digest !== undefined) throw mistake('create writes to a tag, not to a digest.');
  const target = withLatest(named, terminal);
  const tags = [target.tag!, ...flags.values('tag').map(text => moreTag(text, target))];
  const references = operands
    .slice(1)
    .map(text => withLatest(parseMember(text, target, { registries }), terminal));
  const members = nameMembers(references, target, tags);
  const allowed = flags.values('allow');
  if (allowed.some(what => what !== 'mixed-builds')) throw mistake('--allow takes mixed-builds.');
  const given = flags.values('platform').map(text => platformFlag(text));
  const format = choiceFlag(flags, 'format', ['auto', 'oci', 'docker']);
  return {
    target,
    members,
    settings,
    join: {
      registry: target.host,
      repository: target.repository,
      tags: [...new Set(tags)],
      members: members.map(({ alias }) => alias),
      annotations: readAnnotations(flags.values('annotation')),
      allowMixedBuilds: allowed.length > 0,
      noClobber: flags.has('no-clobber'),
      dryRun: flags.has('dry-run'),
      ...(given.length === 0 ? {} : { platforms: given }),
      ...(format === undefined ? {} : { format }),
    },
  };
}

function moreTag(text: string, target: Reference): string {
  const { tag, digest } = parseMember(text.startsWith(':') ? text : `:${text}`, target);
  if (tag === undefined || digest !== undefined) throw mistake(`--tag "${text}" is no tag.`);
  return tag;
}

/**
 * Members elsewhere go by their tag too, so that what the tag says of the image is checked. Where that would be
 * the name of something else, a number is added, behind which the tag's words are not looked for.
 */
function nameMembers(
  references: readonly Reference[],
  target: Reference,
  tags: readonly string[],
): NamedMember[] {
  const taken = new Set(tags);
  const members: NamedMember[] = [];
  for (const reference of references) {
    const { host, repository, tag, digest } = reference;
    const elsewhere = host !== target.host || repository !== target.repository;
    const name = digest ?? tag!;
    const isSame = (other: NamedMember): boolean =>
      other.reference.host === host &&
      other.reference.repository === repository &&
      (other.reference.digest ?? other.reference.tag) === name;
    if (members.some(isSame)) continue;
    const alias = elsewhere && taken.has(name) ? `${name}@${members.length + 1}` : name;
    taken.add(alias);
    members.push({ alias, reference, elsewhere });
  }
  return members;
}

function readAnnotations(given: readonly string[]): Readonly<Record<string, string>> {
  const pairs = given.map(text => {
    const equals = text.indexOf('=');
    if (equals < 1) throw mistake(`--annotation "${text}" is not KEY=VALUE.`);
    return [text.slice(0, equals), text.slice(equals + 1)] as const;
  });
  return Object.fromEntries(pairs);
}
