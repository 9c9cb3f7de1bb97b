import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/**
 * Which process listens on a TCP port of this machine, as far as /proc tells: other systems have none, and other
 * people's processes hide their sockets. Never throws.
 */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  const inodes = new Set((await Promise.all(['tcp', 'tcp6'].map(table => listenersIn(table, port)))).flat());
  if (inodes.size === 0) return undefined;
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name));
  for (const pid of pids) {
    if (await holdsSocket(pid, inodes)) return describe(pid);
  }
  return undefined;
}

/** https://docs.kernel.org/networking/proc_net_tcp.html: local address, state (0A is LISTEN) and inode. */
async function listenersIn(table: string, port: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/net/${table}`, 'utf8').catch(() => '');
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return text.split('\n').flatMap(line => {
    const fields = line.trim().split(/\s+/);
    const isOurs = fields[3] === '0A' && fields[1]?.endsWith(`:${wanted}`);
    return isOurs && fields[9] !== undefined ? [fields[9]] : [];
  });
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(
    descriptors.map(descriptor => readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')),
  );
  return links.some(link => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ''));
}

async function describe(pid: string): Promise<PortHolder | undefined> {
  try {
    // The program's file: Node calls its main thread by a name of its own in /proc/PID/comm.
    const command = basename((await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, ''));
    return { pid: Number(pid), command, since: (await stat(`/proc/${pid}`)).ctimeMs };
  } catch {
    return undefined;
  }
}
