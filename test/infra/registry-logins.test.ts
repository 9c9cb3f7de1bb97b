import { beforeAll, describe, expect, it } from '@jest/globals';
import { Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { aStack, makeHandlers } from './a-stack.ts';
import { grants } from './granted.ts';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret';

beforeAll(makeHandlers);

const yaml = (hub: string, lan = '') => `registries:
  prod: ecr
  hub: { host: docker.io, credentials: "${hub}" }
  lan: { host: lan.example${lan} }
  unused: { host: unused.example, credentials: "secretsmanager:${SECRET}:unused" }
imports:
  - { name: base, from: docker.io/library/alpine, tags: "3.*", to: prod/base/alpine, when: every 24h }
  - { name: out, from: prod/team/*, to: "lan/{repository}", when: manual }
`;

describe('the logins of registries that imports name', () => {
  it('are read by what copies and, of sources, by what looks; no other secret is', () => {
    const config = yaml(
      `secretsmanager:${SECRET}:hub`,
      `, credentials: "secretsmanager:${SECRET}:lan-a1B2c3"`,
    );
    const reads = Object.entries(grants(aStack({ yaml: config }).template()))
      .map(([role, lines]) => [role, lines.filter(line => line.startsWith('secretsmanager:'))] as const)
      .filter(([, lines]) => lines.length > 0);
    const get = (name: string) => `secretsmanager:GetSecretValue on ${SECRET}:${name}`;
    expect(Object.fromEntries(reads)).toEqual({
      ImportsCopyRole: [get('hub-??????'), get('lan-a1B2c3'), get('lan-a1B2c3-??????')],
      ImportsIntakeRole: [get('hub-??????')],
    });
  });

  it('are not in the way of the rules for security', () => {
    const { app } = aStack({ yaml: yaml(`secretsmanager:${SECRET}:hub`) });
    Validations.of(app).addPlugins(new AwsSolutionsChecks());
    expect(() => app.synth()).not.toThrow();
  });

  it('are named by ARN, or synthesis ends with what to write', () => {
    expect(() => aStack({ yaml: yaml('secretsmanager:hub') })).toThrow(
      /registry hub has its login in a secret, and archweave.yaml does not name it by its ARN/,
    );
  });

  it("in the environment of a laptop are no function's, which a warning says", () => {
    const { stack } = aStack({ yaml: yaml('env:HUB_LOGIN') });
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('registry hub has its login in env:HUB_LOGIN, which no function can read'),
    );
  });
});
