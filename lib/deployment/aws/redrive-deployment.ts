import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../deployment.ts';
import { type Redriven, type Redriving, redrive } from '../redrive.ts';
import { type AwsAccess, clientSettings } from './client-settings.ts';
import { deadLetters } from './dead-letters.ts';
import { deliverLetter } from './deliver-letter.ts';

/** Redrives the dead letters of a deployment. */
export async function redriveDeployment(
  deployment: Deployment,
  { timeout, ...options }: Pick<AwsAccess, 'timeout'> & Pick<Redriving, 'dryRun' | 'began' | 'signal'>,
): Promise<Redriven> {
  const { region, receive, clocks, imports } = deployment;
  const settings = clientSettings({ region, timeout });
  const clients = { sqs: new SQSClient(settings), lambda: new LambdaClient(settings) };
  try {
    return await redrive({
      ...options,
      letters: [
        deadLetters(clients.sqs, 'work', deployment.deadLetters, region),
        deadLetters(clients.sqs, 'inlet', deployment.inletDeadLetters, region),
        deadLetters(clients.sqs, 'sweep', deployment.sweepDeadLetters, region),
        ...(imports ? [deadLetters(clients.sqs, 'import', imports.deadLetters, region)] : []),
      ],
      functions: { receive, clocks, ...(imports && { importIntake: imports.intake }) },
      deliver: (raw, letter) => deliverLetter(clients, deployment, raw, letter),
    });
  } finally {
    clients.sqs.destroy();
    clients.lambda.destroy();
  }
}
