import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Tells the checks of cdk-nag, where somebody runs them, why a finding here is meant: finding to reason. */
export function acknowledge(construct: IConstruct, findings: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(findings)) Validations.of(construct).acknowledge({ id, reason });
}

/** The same for one resource of a policy that has a `*` in it. */
export function acknowledgeResource(construct: IConstruct, arn: string, reason: string): void {
  acknowledge(construct, { [`AwsSolutions-IAM5[Resource::${writtenOut(construct, arn)}]`]: reason });
}

/** An ARN as cdk-nag writes it, with `<AWS::Partition>` for what is known only when it is deployed. */
function writtenOut(construct: IConstruct, arn: string): string {
  const resolved: unknown = Stack.of(construct).resolve(arn);
  if (typeof resolved === 'string') return resolved;
  const [separator, parts] = (resolved as { readonly 'Fn::Join': readonly [string, readonly unknown[]] })[
    'Fn::Join'
  ];
  return parts
    .map(part => (typeof part === 'string' ? part : `<${(part as { readonly Ref: string }).Ref}>`))
    .join(separator);
}
