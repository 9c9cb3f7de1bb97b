import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App, Aws, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Archweave } from '../../infra/archweave.ts';
import { readConfig } from '../../infra/read-config.ts';
import { findConfig } from '../../lib/cli/find-config.ts';
import { includeReader } from '../../lib/files/included-files.ts';
import { loadConfig } from '../../lib/rules/load.ts';
import { renderFindings } from '../../lib/rules/render-findings.ts';
import { archweave, type Outcome, run, temporaryFolder } from '../support/e2e-run.ts';
import { MISTAKES, SECRET, unmark } from '../support/marked-mistakes.ts';
import { PROJECT_ROOT } from '../support/tools.ts';
import { aStack, ENV, makeHandlers, TEAMS } from './a-stack.ts';

beforeAll(makeHandlers);

const rule = (repositories: string, more = '') =>
  `  - { repositories: [${repositories}], platforms: [linux/amd64, linux/arm64]${more} }\n`;

describe('the ready app', () => {
  const folder = temporaryFolder('synth');
  const node = join(PROJECT_ROOT, 'node_modules', '.bin', 'node');
  const app = join(PROJECT_ROOT, 'infra', 'app.ts');
  const cdk = join(PROJECT_ROOT, 'node_modules', '.bin', 'cdk');
  let synth: Outcome;
  let check: Outcome;
  beforeAll(async () => {
    writeFileSync(
      join(folder.path, 'archweave.yaml'),
      unmark(MISTAKES.replace('LISTENER', '127.0.0.1:1')).text,
    );
    const env = {
      HOME: folder.path,
      CDK_DEFAULT_ACCOUNT: ENV.account,
      CDK_DEFAULT_REGION: ENV.region,
      CI: '1',
    };
    synth = await run(cdk, ['synth', '--quiet', '--app', `${node} ${app}`], { cwd: folder.path, env });
    check = await archweave(['check'], { cwd: folder.path });
  }, 120_000);
  afterAll(() => folder.remove());

  it('check 50: synth fails with the lines that check prints', () => {
    expect(check.out).toMatch(/mistakes in archweave\.yaml/);
    expect(synth.rc).not.toBe(0);
    expect(synth.err).toContain(check.out.trimEnd());
    expect(synth.out + synth.err).not.toContain(SECRET);
  });

  it('shows no stack of calls for a mistake', () => {
    expect(synth.err).not.toMatch(/^\s+at .*\.ts:/m);
  });
});

describe('a configuration', () => {
  const folder = temporaryFolder('synth-include');
  afterAll(() => folder.remove());

  it('is told its mistakes in the words of check, those of included files too', () => {
    mkdirSync(join(folder.path, 'teams'));
    writeFileSync(
      join(folder.path, 'archweave.yaml'),
      `include: teams/*.yaml\nregistries: { prod: ecr }\nmood: good\n`,
    );
    writeFileSync(join(folder.path, 'teams', 'b.yaml'), `indexes:\n${rule('prd/b/*')}`);
    writeFileSync(join(folder.path, 'teams', 'a.yaml'), `indexes:\n${rule('prod/a/*', ', targt: x')}`);
    const { text, file, path } = findConfig(folder.path, { env: {} });
    const said = renderFindings(
      loadConfig(text, { file, readIncluded: includeReader(path, folder.path) }),
      file,
    );
    expect(said).toMatch(/teams\/a\.yaml:2[\s\S]*teams\/b\.yaml:2/);
    expect(() => readConfig('archweave.yaml', folder.path)).toThrow(said.trimEnd());
  });

  it('that is not there is named', () => {
    expect(() => readConfig('no.yaml', folder.path)).toThrow('cannot read no.yaml: there is no such file');
  });

  it('is refused with tokens of CDK in it, which have no value yet', () => {
    writeFileSync(join(folder.path, 'tokens.yaml'), `indexes:\n${rule(`${Aws.ACCOUNT_ID}.dkr.ecr.x/a/*`)}`);
    expect(() => readConfig('tokens.yaml', folder.path)).toThrow(
      /^tokens\.yaml holds a token of CDK.*write names/,
    );
    const path = Lazy.string({ produce: () => 'archweave.yaml' });
    expect(() => readConfig(path)).toThrow(/^config holds a token of CDK/);
  });

  it('shows its warnings when it is synthesised, and says which imports it leaves to others', () => {
    const imports = 'imports:\n  - { name: away, from: docker.io/library/alpine, to: lan.example/alpine }\n';
    const windows = 'windows/amd64:10.0.17763, windows/amd64:10.0.20348';
    const { stack } = aStack({ yaml: `${TEAMS}    optional: [${windows}]\n${imports}` });
    const warnings = Annotations.fromStack(stack);
    warnings.hasWarning(
      '*',
      Match.stringLikeRegexp('warning: the tags of this platform are those of .*same-tags'),
    );
    warnings.hasWarning('*', Match.stringLikeRegexp('the imports away are not run by this stack'));
  });
});

const OTHERS = `registries:
  prod: ${ENV.account}.dkr.ecr.${ENV.region}.amazonaws.com
  far: 210987654321.dkr.ecr.us-east-1.amazonaws.com
  lan: { host: "registry.lan:5000" }
indexes:
`;

describe('one configuration for all stacks', () => {
  it('gives each the rules for its own account and Region, by whichever host they name it', () => {
    const fips = `${ENV.account}.dkr.ecr-fips.${ENV.region}.amazonaws.com`;
    const yaml = `${OTHERS}${rule('prod/team/*, far/team/*')}${rule('lan/apps/*')}${rule('far/tools/*')}${rule(`${fips}/secret/*`)}`;
    const { stack, template } = aStack({ yaml });
    const { EventPattern } = Object.values(template().findResources('AWS::Events::Rule'))[0]!.Properties;
    expect(EventPattern.detail['repository-name']).toEqual([{ prefix: 'secret/' }, { prefix: 'team/' }]);
    Annotations.fromStack(stack).hasInfo('*', Match.stringLikeRegexp('far, lan is left to others'));
  });

  it('is refused by a stack that no rule is for', () => {
    expect(() => aStack({ yaml: `${OTHERS}${rule('far/team/*')}`, env: ENV })).toThrow(
      /no index rule of .*archweave\.yaml is for ECR of 123456789012 in eu-west-1, where this stack goes/,
    );
  });

  it('is an error where it names the own registry and has no rule for it', () => {
    const { stack } = aStack({
      yaml: `${OTHERS.replace('far:', 'spare: ecr\n  far:')}${rule('prod/team/*')}`,
    });
    Annotations.fromStack(stack).hasError('*', Match.stringLikeRegexp("registry spare is this stack's own"));
  });

  it('is taken by a stack that learns its place later, if there is only one', () => {
    const { template } = aStack({ yaml: `${OTHERS}${rule('prod/team/*')}`, env: undefined });
    const names = Object.values(template().findResources('AWS::IAM::Role')).map(
      ({ Properties }) => Properties.RoleName,
    );
    expect(names).toContainEqual({ 'Fn::Join': ['', ['archweave-', { Ref: 'AWS::Region' }, '-assemble']] });
    expect(() => aStack({ yaml: `${OTHERS}${rule('prod/team/*, far/team/*')}`, env: undefined })).toThrow(
      /rules for several accounts or Regions; give the stack its env/,
    );
  });
});

describe('a prop that cannot be', () => {
  const made = (props: Partial<ConstructorParameters<typeof Archweave>[2]>) => () =>
    aStack({ props: () => props });

  it.each([
    ['a name with other characters', { name: 'my weave' }, /"my weave" is no name for a deployment/],
    [
      'a name that makes a role of 65 characters',
      { name: 'a'.repeat(64 - '-eu-west-1-schedules'.length + 1) },
      /65 characters long, and 64 are the limit/,
    ],
    ['a name that is known later', { name: Aws.STACK_NAME }, /name is a token of CDK/],
    [
      'a sweep every ten minutes',
      { sweep: Duration.minutes(10) },
      /sweep is 10 minutes; it is whole minutes, from an hour to six days/,
    ],
    ['a sweep every week', { sweep: Duration.days(7) }, /sweep is 7 days/],
    ['no writes', { writesPerSecond: 0 }, /writesPerSecond is 0; it is a number from 0\.1 to 200/],
  ])('is refused: %s', (_, props, words) => {
    expect(made(props)).toThrow(words);
  });

  it('takes a name whose role has 64 characters', () => {
    const name = 'a'.repeat(64 - '-eu-west-1-schedules'.length);
    expect(made({ name })).not.toThrow();
    const later = new Stack(new App(), 'Later');
    expect(() => new Archweave(later, 'Weave', { config: aStack().file, name })).toThrow(/67 characters/);
  });
});
