import { execFile } from 'node:child_process';
import { pythonWith } from './python-venv.ts';

/**
 * What cfn-lint finds in a template, a line each; errors and warnings, without mere advice. W3005 is left out: CDK says
 * dependencies that a reference says already.
 */
export async function cfnLint(template: string, region: string): Promise<readonly string[]> {
  const python = await pythonWith('venv-cfn-lint', 'cfn-lint==1.58.0');
  // Its script names the folder that it was installed into, from which the venv was moved.
  const start = 'import sys; from cfnlint.runner import main; sys.exit(main())';
  const args = [
    '-c',
    start,
    '--format',
    'parseable',
    '--ignore-checks',
    'W3005',
    '--regions',
    region,
    '--',
    template,
  ];
  const { status, out } = await new Promise<{ status: number; out: string }>((resolve, reject) => {
    execFile(python, args, { maxBuffer: 1e7 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ status: (error?.code as number | undefined) ?? 0, out: stdout + stderr });
    });
  });
  const found = out.split('\n').filter(line => line !== '');
  return status === 0 || found.length > 0 ? found : [`cfn-lint ended with ${status}`];
}
