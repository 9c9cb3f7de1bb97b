import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/**
 * What a deployment tells at its end. Logical ids are the construct's path with the output's name, without a hash:
 * `Dashboard` for a construct called `Default`, `ArchweaveDashboard` for one called `Archweave`. People read them,
 * and the command line finds a deployment by the one that ends in `Deployment`.
 */
export class Outputs extends Construct {
  readonly #prefix: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const path = scope.node.scopes.slice(Stack.of(scope).node.scopes.length).map(({ node }) => node.id);
    this.#prefix = path
      .filter(part => part !== 'Default')
      .join('')
      .replaceAll(/[^A-Za-z0-9]/g, '');
  }

  add(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description }).overrideLogicalId(`${this.#prefix}${name}`);
  }
}
