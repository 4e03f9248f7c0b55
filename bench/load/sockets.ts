import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Counts connections to one port of this machine that come from anywhere but some processes. */
export interface SocketCount {
  /** To be called at least once a minute: that long the kernel remembers a connection that was closed. */
  look(): void;
  /** Different connections seen since the start, those that are closed included. */
  seen(): number;
}

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** A connection is told by its client's port. What is there at the start does not count, nor what belongs to `others`. */
export function countSockets(serverPort: number, others: readonly number[]): SocketCount {
  const found = new Set<number>();
  const notOurs = new Set<number>();
  const look = () => {
    const inodes = new Set(others.flatMap(socketsOf));
    for (const { client, inode } of connectionsTo(serverPort)) {
      if (inode !== '0' && inodes.has(inode)) notOurs.add(client);
      else found.add(client);
    }
  };
  look();
  for (const port of found) notOurs.add(port);
  return { look, seen: () => [...found].filter((port) => !notOurs.has(port)).length };
}

interface Socket {
  readonly client: number;
  /** Of the client's end; 0 for one that nobody holds any more. */
  readonly inode: string;
}

/** man 5 proc_net: sl local_address rem_address st … inode. Both ends are on this machine, and each has a line of its own. */
function connectionsTo(serverPort: number): Socket[] {
  return TABLES.flatMap((table) => {
    // A machine may be without IPv6.
    if (!existsSync(table)) return [];
    return readFileSync(table, 'latin1')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const fields = line.trim().split(/\s+/);
        const [local, remote] = [portOf(fields[1]), portOf(fields[2])];
        const inode = fields[9] ?? '0';
        if (remote === serverPort) return [{ client: local, inode }];
        // The server's end says something only where the client's is gone.
        return local === serverPort && remote !== 0 && fields[3] === TIME_WAIT ? [{ client: remote, inode: '0' }] : [];
      });
  });
}

const TIME_WAIT = '06';

function portOf(address = ':0'): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // ended meanwhile
  }
}
