import { CfnQueryDefinition, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { SAVED_QUERIES } from './saved-queries.ts';

/** Puts the saved queries into CloudWatch Logs Insights, in a folder with the deployment's name. */
export function saveQueries(
  scope: Construct,
  id: string,
  { name, decisions }: { readonly name: string; readonly decisions: ILogGroup },
): void {
  const folder = new Construct(scope, id);
  for (const { title, query } of SAVED_QUERIES)
    new CfnQueryDefinition(folder, title.replaceAll(' ', '-'), {
      name: `${name}/${title}`,
      logGroupNames: [decisions.logGroupName],
      queryString: query.join('\n| ').replaceAll('| #', '#'),
    });
}
