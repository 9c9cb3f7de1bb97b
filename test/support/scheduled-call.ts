import type { RunningMinistack } from './ministack.ts';

interface Schedule {
  readonly Name: string;
  readonly GroupName: string;
  readonly ScheduleExpression: string;
  readonly Target: { readonly Arn: string; readonly Input: string };
}

/** What the deployed schedule calls whose name has `part` in it: when, which function, and with what. */
export async function scheduledCall({ url, region }: RunningMinistack, part: string) {
  const ask = async (path: string): Promise<unknown> => {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/scheduler/aws4_request`;
    const answer = await fetch(`${url}${path}`, { headers: { authorization } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { Schedules } = (await ask('/schedules')) as { readonly Schedules: readonly Schedule[] };
  const found = Schedules.filter(({ Name }) => Name.includes(part));
  if (found.length !== 1) throw new Error(`of ${Schedules.map(({ Name }) => Name)}, not one has ${part}`);
  const { Name, GroupName } = found[0]!;
  const { ScheduleExpression, Target } = (await ask(`/schedules/${Name}?groupName=${GroupName}`)) as Schedule;
  return {
    expression: ScheduleExpression,
    name: Target.Arn.split(':').at(-1)!,
    event: JSON.parse(Target.Input) as object,
  };
}
