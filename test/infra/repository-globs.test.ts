import { beforeAll, describe, expect, it } from '@jest/globals';
import { aStack, makeHandlers } from './a-stack.ts';
import { grants, named } from './granted.ts';

beforeAll(makeHandlers);

const TEAM = 'arn:<Partition>:ecr:eu-west-1:123456789012:repository/team/*';

describe('the globs of many rules', () => {
  const teams = (count: number, name = 'team') => `registries: { prod: ecr }
indexes:
${Array.from({ length: count }, (_, at) => `  - { repositories: [prod/${name}-${at}/*], platforms: [linux/amd64, linux/arm64] }`).join('\n')}
`;

  it.each(['team', 'a-team-that-has-quite-a-long-name'])(
    'fit into the policies of a role, for 500 times %s',
    name => {
      const template = aStack({ yaml: teams(500, name) }).template();
      const sizes = new Map<string, number>();
      for (const { Properties } of Object.values(template.findResources('AWS::IAM::Policy')))
        sizes.set(named(Properties.Roles[0]), JSON.stringify(resolved(Properties.PolicyDocument)).length);
      for (const size of sizes.values()) expect(size).toBeLessThanOrEqual(10_240);
      const managed = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
      const counts = Map.groupBy(managed, ({ Properties }) => named(Properties.Roles[0]));
      for (const policies of counts.values()) {
        expect(policies.length).toBeLessThanOrEqual(10);
        for (const { Properties } of policies)
          expect(JSON.stringify(resolved(Properties.PolicyDocument)).length).toBeLessThanOrEqual(6_144);
      }
      const repositories = grants(template).FunctionsAssembleRole!.filter(line =>
        line.startsWith('ecr:PutImage'),
      );
      expect(repositories).toHaveLength(500);
    },
  );

  it('are refused where they do not', () => {
    expect(() => aStack({ yaml: teams(900) })).toThrow(
      /900 repositories are more than the policies of one role hold/,
    );
  });

  it('are written once where one covers another', () => {
    const yaml = `registries: { prod: ecr }
indexes:
  - { repositories: [prod/team/*, prod/team/app], platforms: [linux/amd64] }
  - { repositories: [prod/team/a*], platforms: [linux/amd64], members: "{arch}", target: multi }
`;
    const lines = grants(aStack({ yaml }).template()).FunctionsAssembleRole!;
    expect(lines.filter(line => line.startsWith('ecr:PutImage'))).toEqual([`ecr:PutImage on ${TEAM}`]);
  });
});

/** Tokens as long as they are in an account. */
function resolved(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => {
      const fields = inner as { readonly 'Fn::Join'?: unknown; readonly 'Fn::GetAtt'?: unknown } | null;
      return typeof fields === 'object' && fields !== null && ('Fn::Join' in fields || 'Fn::GetAtt' in fields)
        ? named(inner).replace('<Partition>', 'aws-us-gov')
        : inner;
    }),
  );
}
