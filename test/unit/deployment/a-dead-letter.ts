import type { RawLetter } from '../../../lib/deployment/dead-letter.ts';

export const FUNCTIONS = {
  receive: 'Stack-Receive-1',
  clocks: ['Stack-Due-1', 'Stack-Sweep-1'],
  importIntake: 'Stack-Import-Intake-1',
} as const;

export const SENT = Date.parse('2026-11-25T10:00:00.000Z');

/** A letter as SQS gives it out; `body` may be an object. */
export function rawLetter(body: unknown, more: Partial<RawLetter> = {}): RawLetter {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { id: 'm1', receipt: 'r1', body: text, sent: SENT, attributes: {}, ...more };
}

/** An event of ECR as EventBridge delivers it. */
export const ECR_EVENT = {
  ...{ version: '0', id: 'event-1', source: 'aws.ecr', 'detail-type': 'ECR Image Action' },
  ...{ account: '123456789012', region: 'eu-west-1', time: '2026-11-25T09:00:00Z', resources: [] },
  detail: {
    ...{ result: 'SUCCESS', 'action-type': 'PUSH', 'repository-name': 'team/app', 'image-tag': '1.0-amd64' },
    'image-digest': `sha256:${'a'.repeat(64)}`,
  },
};

export function lambdaArn(name: string): string {
  return `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
}
