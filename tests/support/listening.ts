import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A TCP socket that takes connections. */
export interface ListeningSocket {
  pid: number;
  port: number;
  /** As the kernel of Linux writes it: hexadecimal, `0100007F` is 127.0.0.1. */
  address: string;
}

/** The state of a socket that listens: `TCP_LISTEN` of tcp_states.h. */
const LISTEN = '0A';

/** The listening TCP sockets of these processes, by what /proc says of their open files. */
export function listeningSockets(pids: readonly number[]): ListeningSocket[] {
  return pids.flatMap((pid) => {
    const own = socketInodes(pid);
    return ['tcp', 'tcp6']
      .flatMap((family) => readFileSync(`/proc/${pid}/net/${family}`, 'utf8').split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTEN && own.has(inode ?? ''))
      .map(([, local = '']) => {
        const [address = '', port = ''] = local.split(':');
        return { pid, port: Number.parseInt(port, 16), address };
      });
  });
}

function socketInodes(pid: number): Set<string> {
  const directory = `/proc/${pid}/fd`;
  return new Set(
    readdirSync(directory).flatMap((name) => {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${name}`))?.[1];
        return inode === undefined ? [] : [inode];
      } catch {
        return []; // it was closed
      }
    }),
  );
}
