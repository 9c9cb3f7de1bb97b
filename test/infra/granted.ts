import type { Template } from 'aws-cdk-lib/assertions';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What each role may do: `sqs:SendMessage on QueuesWork`, sorted; a condition follows in brackets. */
export function grants(template: Template): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'])
    for (const { Properties } of Object.values(template.findResources(type)))
      for (const role of Properties.Roles as readonly unknown[]) {
        const lines = (Properties.PolicyDocument.Statement as readonly Statement[]).flatMap(linesOf);
        found[named(role)] = [...(found[named(role)] ?? []), ...lines];
      }
  return Object.fromEntries(Object.entries(found).map(([role, lines]) => [role, lines.toSorted()]));
}

function linesOf({ Action, Resource, Condition }: Statement): readonly string[] {
  const condition = Condition === undefined ? '' : ` ${JSON.stringify(Condition)}`;
  const actions = typeof Action === 'string' ? [Action] : Action;
  const resources = Array.isArray(Resource) ? (Resource as readonly unknown[]) : [Resource];
  return actions.flatMap(action => resources.map(resource => `${action} on ${named(resource)}${condition}`));
}

/** A value of a template in few words: `QueuesWork` for a reference to it, without the hash that CDK adds. */
export function named(value: unknown): string {
  if (typeof value === 'string') return value;
  const fields = value as Readonly<Record<string, unknown>>;
  const join = fields['Fn::Join'] as readonly [string, readonly unknown[]] | undefined;
  if (join) return join[1].map(named).join(join[0]);
  const attribute = fields['Fn::GetAtt'] as readonly [string, string] | undefined;
  const name = attribute?.[0] ?? fields.Ref;
  if (typeof name !== 'string') throw new Error(`no name in ${JSON.stringify(value)}`);
  return name.startsWith('AWS::')
    ? `<${name.slice(5)}>`
    : name.replace(/^Archweave/, '').replace(/[0-9A-F]{8}$/, '');
}

/** The properties of all resources of a type, by their names in few words. */
export function resourcesOf(template: Template, type: string) {
  return Object.fromEntries(
    Object.entries(template.findResources(type)).map(([id, { Properties }]) => [
      named({ Ref: id }),
      Properties,
    ]),
  );
}
