import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { PROJECT_ROOT } from '../support/tools.ts';
import { aStack, makeHandlers, TEAMS } from './a-stack.ts';
import { named } from './granted.ts';

beforeAll(makeHandlers);

const source = (...path: string[]) => readFileSync(join(PROJECT_ROOT, ...path), 'utf8');

/** With imports there is every alarm. */
const WITH_IMPORTS = `${TEAMS}imports:
  - { name: mirror, from: prod/team/*, to: "lan.example/{repository}", when: published }
`;

describe('the alarms and the dashboard', () => {
  let template: Template;
  beforeAll(() => {
    template = aStack({ yaml: WITH_IMPORTS }).template();
  });

  it('has an alarm for each section of the runbook, and a section for each alarm', () => {
    const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap(type =>
      Object.values(template.findResources(type)),
    );
    const names = alarms.map(({ Properties }) => Properties.AlarmName as string);
    const headings = [...source('docs', 'runbook.md').matchAll(/^## ([a-z-]+)$/gm)].map(
      ([, id]) => `archweave-${id}`,
    );
    expect(names.toSorted()).toEqual(headings.toSorted());
    for (const { Properties } of alarms)
      expect(Properties.AlarmDescription).toMatch(
        new RegExp(`docs/runbook\\.md#${Properties.AlarmName.replace('archweave-', '')}$`),
      );
  });

  it('sums up no more metrics than an alarm takes', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm')))
      expect((Properties.Metrics ?? []).length).toBeLessThanOrEqual(10);
  });

  it('pages for four alarms only', () => {
    const [pager] = Object.values(template.findResources('AWS::CloudWatch::CompositeAlarm'));
    const rule = named(pager!.Properties.AlarmRule);
    expect([...rule.matchAll(/Alarms(\w+)/g)].map(([, name]) => name)).toEqual([
      'workdeadletters',
      'inletdeadletters',
      'workwaits',
      'nosweep',
    ]);
  });

  it('alarms when no sweep ended, even if nothing at all is reported', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'archweave-no-sweep',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 26,
      Period: 3600,
      TreatMissingData: 'breaching',
    });
  });

  it('looks at no number of its own that the functions do not count', () => {
    const counted = new Set(
      [...source('lib', 'queue', 'telemetry.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(([, name]) => name),
    );
    const text = JSON.stringify(template.toJSON()).replaceAll('\\"', '"');
    const shown = [...text.matchAll(/"Archweave","(\w+)","Service","archweave"/g)].map(([, name]) => name);
    const alarmed = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
      .filter(({ Properties }) => Properties.Namespace === 'Archweave')
      .map(({ Properties }) => Properties.MetricName as string);
    expect(shown.length).toBeGreaterThan(8);
    expect(alarmed.toSorted()).toEqual(['RegistryThrottled', 'SweepCompleted', 'SweepRepaired']);
    for (const name of [...shown, ...alarmed]) expect(counted).toContain(name);
  });
});
