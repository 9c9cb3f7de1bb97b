import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills the processes that an emulated AWS runs a function in, as a machine that fails does; answers how many there
 * were. Only children of `ministack`, which the test has started, are looked at.
 */
export function killFunction(ministack: number, name: string): number {
  const found = readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && runs(pid, ministack, name));
  for (const pid of found) process.kill(Number(pid), 'SIGKILL');
  return found.length;
}

function runs(pid: string, parent: number, name: string): boolean {
  try {
    return (
      readFileSync(`/proc/${pid}/status`, 'utf8').includes(`\nPPid:\t${parent}\n`) &&
      readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`AWS_LAMBDA_FUNCTION_NAME=${name}\0`)
    );
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
