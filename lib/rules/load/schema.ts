import { z } from 'zod';
import { RULE_DEFAULTS } from '../built-in.ts';
import { DURATION_PATTERN } from '../duration.ts';
import {
  checkAudience,
  checkGuid,
  checkResource,
  checkSubscription,
  GUID_PATTERN,
  RESOURCE_PATTERN,
} from './check-azure.ts';
import {
  checkDuration,
  checkImportSource,
  checkImportTarget,
  checkMembers,
  checkName,
  checkNewest,
  checkOverdue,
  checkPlatform,
  checkRepository,
  checkTagGlob,
  checkTarget,
  checkWhen,
  type TextCheck,
} from './check-text.ts';

/** A text with a check of its own. The check's refusal travels in the issue's `params`. */
function text(check: TextCheck, meta: { pattern?: string; description?: string; examples?: string[] } = {}) {
  return z
    .string()
    .superRefine((value, context) => {
      const refusal = check(value);
      if (refusal) context.addIssue({ code: 'custom', message: refusal.message, params: { refusal } });
    })
    .meta(meta);
}

const duration = text(checkDuration, { pattern: DURATION_PATTERN });
const platform = text(checkPlatform, { pattern: '^[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?(:[0-9.]+)?$' });
const platforms = z.array(platform);
const label = z.string().min(1);
const guid = (name: string) => text(checkGuid(name), { pattern: GUID_PATTERN });
const mode = z.enum(['publish', 'report']);
const labels = RULE_DEFAULTS.sameBuild.labels[0];

/** A key's words in docs/configuration.md and in editors, with what holds where the file says nothing. */
function key<T extends z.ZodType>(type: T, description: string, standard?: unknown): z.ZodOptional<T> {
  return type
    .optional()
    .meta({ description, ...(standard === undefined ? {} : { default: standard }) }) as z.ZodOptional<T>;
}

/** The ways in which pushes of an ACR registry get here. */
export const EVENTS = ['webhook', 'event-grid', 'poll'] as const;

export const registrySchema = z.strictObject({
  host: key(z.string(), 'Host of the registry, with its port where it has one.'),
  kind: key(z.literal('ecr'), '`ecr`, with `account` and `region` in place of `host`.'),
  account: key(
    z.string(),
    'AWS account, 12 digits in quotes. Of an ACR registry: whose deployment is for it.',
  ),
  region: key(z.string(), 'AWS Region, of both.'),
  plainHttp: key(z.boolean(), 'Speak http without TLS. Loopback needs no word for it.', false),
  credentials: key(
    z.string().meta({ pattern: '^(env:|secretsmanager:)' }),
    'Where the login `user:password` is, never the login itself: `env:NAME`, or on AWS `secretsmanager:ARN`, which a laptop can read too.',
  ),
  reconcile: key(duration, 'How often archweave looks by itself, whatever events say; 15m, on loopback 10s.'),
  events: key(
    z.enum(EVENTS),
    'How an ACR registry announces its pushes; `poll` asks it, and needs no way in.',
  ),
  poll: key(
    duration,
    'With `events: poll`: how often ACR is asked for its newest tags; 1m. On AWS in whole minutes.',
  ),
  tenant: key(guid('tenant'), 'Entra tenant of an ACR registry, with `clientId`.'),
  clientId: key(
    guid('clientId'),
    'Client id of the managed identity that archweave is for ACR. On AWS it stands in for a secret: Entra trusts the ' +
      "functions' roles.",
  ),
  readClientId: key(
    guid('clientId'),
    'Client id of another identity, that may only read: for polling and sweeping on AWS.',
    undefined,
  ),
  resource: key(
    text(checkResource, { pattern: RESOURCE_PATTERN }),
    'Resource id of an ACR registry. Of two registries of one tenant that have one, the target of an import fetches ' +
      'images by itself.',
  ),
  hook: key(
    z.string().meta({ pattern: '^(env:|secretsmanager:)' }),
    'Where the secret is that ACR sends in the header `Authorization: Bearer SECRET`: `secretsmanager:ARN` on AWS, ' +
      '`env:NAME` for `serve`, whose default is its own token.',
  ),
  audience: key(
    text(checkAudience),
    "With `events: event-grid` on AWS, in place of `hook`: the Entra application that Event Grid's tokens are for.",
  ),
  subscription: key(
    text(checkSubscription),
    "With `events: event-grid`: the event subscription's name; no other one is answered when it introduces itself.",
  ),
});

export const indexSchema = z.strictObject({
  name: key(text(checkName), 'What people call the rule. Default: the pattern of its first repository.'),
  repositories: z
    .array(text(checkRepository))
    .min(1)
    .meta({
      description:
        'Repositories as `REGISTRY/PATTERN`, where REGISTRY is a name from `registries` or a host. `*` matches any ' +
        'characters, `/` too. `!` in front takes repositories away.',
    }),
  members: key(text(checkMembers), 'Template of the tags that are put together.', RULE_DEFAULTS.members),
  target: key(
    z.union([text(checkTarget), z.array(text(checkTarget)).min(1)]),
    'Template, or list of templates, of the tags that the index is written to.',
    RULE_DEFAULTS.target,
  ),
  platforms: platforms.min(1).meta({ description: 'All of these have to be there, else the index waits.' }),
  optional: key(platforms, 'These join if they are there.', []),
  grace: key(duration, 'How long a first write to an immutable tag waits for optional platforms.', '0s'),
  newest: key(
    text(checkNewest, { pattern: '^(created|label:.+)$' }),
    'Which of several builds for one target is the newest: `label:NAME` or `created`. Typed captures need no word.',
  ),
  sameBuild: key(
    z.union([
      z.literal(false),
      label,
      z.array(label).min(1),
      z.strictObject({ label: z.union([label, z.array(label).min(1)]), required: z.boolean().optional() }),
    ]),
    'Label, or list of labels, that all members must agree on. `lenient` lets members without it join, `false` ' +
      'switches it off.',
    labels,
  ),
  settle: key(
    duration,
    'Without labels: how long a tag of which some platforms have moved may wait for the rest.',
    '30m',
  ),
  partial: key(z.enum(['publish', 'hold']), 'What happens after `settle`.', RULE_DEFAULTS.partial),
  overdue: key(text(checkOverdue), 'When an incomplete index is reported; `never` is possible.', '1h'),
  horizon: key(
    duration,
    'Looking by itself, archweave makes new targets only of members younger than this.',
    '7d',
  ),
  format: key(z.enum(['auto', 'oci', 'docker']), 'Media type of the index.', RULE_DEFAULTS.format),
  attestations: key(
    z.enum(['keep', 'drop']),
    'What becomes of provenance and SBOMs.',
    RULE_DEFAULTS.attestations,
  ),
  annotations: key(z.record(z.string(), z.string()), 'Annotations for every index of this rule.', {}),
  exclude: key(z.array(text(checkTagGlob)), 'Globs of tags that are neither members nor targets.', []),
  backfill: key(z.boolean(), 'Join what was complete before archweave came. On loopback `true`.', false),
  adopt: key(z.boolean(), 'Take over a target that somebody else put there.', RULE_DEFAULTS.adopt),
  pin: key(
    z.record(z.string(), z.string()),
    'Target tag to build: while it is here, the target holds that build.',
    {},
  ),
  mode: key(mode, '`report` does everything but the write.', RULE_DEFAULTS.mode),
});

export const importSchema = z.strictObject({
  name: key(text(checkName), 'What people call the import. Default: `from`.'),
  from: text(checkImportSource).meta({
    description:
      'Repositories that are copied, as `REGISTRY/PATTERN`: one pattern, in which `*` matches any characters.',
  }),
  to: text(checkImportTarget).meta({
    description: 'Repository they are copied to; `{repository}` is the whole name at the source.',
  }),
  tags: key(
    z.union([text(checkTagGlob), z.array(text(checkTagGlob)).min(1)]),
    'Glob, or list of globs, of the tags that are copied.',
    '*',
  ),
  platforms: key(z.union([z.literal('all'), platforms.min(1)]), 'Platforms that are copied.', 'all'),
  referrers: key(z.boolean(), 'Copy signatures and SBOMs too.', true),
  split: key(text(checkMembers), 'Also tag each platform, by a template such as `{tag}-{arch}`.'),
  when: key(
    text(checkWhen, { pattern: '^(published|pushed|manual|every [0-9]{1,6}[smhd])$' }),
    'When archweave copies by itself: `published` (by archweave), `pushed` (by anybody), `every 24h` or `manual`.',
    'published',
  ),
});

const REGISTRY_NAME = '^[A-Za-z][A-Za-z0-9_-]*$';

export const configSchema = z
  .strictObject({
    registries: key(
      z.record(z.string().regex(new RegExp(REGISTRY_NAME)), z.union([z.string(), registrySchema])),
      'Names for registries: a host, or a mapping.',
    ),
    indexes: key(z.array(indexSchema), 'Rules: which tags make up which index.'),
    imports: key(z.array(importSchema), 'Copies between registries.'),
    include: key(
      z.union([z.string(), z.array(z.string())]),
      'More files with `indexes` and `imports`; globs.',
    ),
    notify: key(z.string().meta({ pattern: '^env:' }), 'Where the address for notifications is: `env:NAME`.'),
    mode: key(mode, 'For every rule that does not say its own.', RULE_DEFAULTS.mode),
  })
  .meta({ title: 'archweave.yaml' });

/** What a file that is included may hold. */
export const includedSchema = configSchema.pick({ indexes: true, imports: true });

/** The JSON Schema (draft 7, which editors know best) of archweave.yaml. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as Record<string, unknown>;
}

export type RegistryInput = z.infer<typeof registrySchema>;
export type IndexInput = z.infer<typeof indexSchema>;
export type ImportInput = z.infer<typeof importSchema>;
