import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Hands connections to the servers behind it, in turn. */
export interface Balancer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. A connection that comes while no server runs is cut. `runs` says so by the index of its port. */
export async function startBalancer(ports: readonly number[], runs: (index: number) => boolean): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer((socket) => {
    turn++;
    const index = ports.map((_, offset) => (turn + offset) % ports.length).find(runs);
    if (index === undefined) return void socket.destroy();
    const behind = connect(ports[index] ?? 0, '127.0.0.1');
    for (const one of [socket, behind]) {
      open.add(one);
      one.on('error', () => {}); // 'close' follows
      one.once('close', () => {
        open.delete(one);
        socket.destroy();
        behind.destroy();
      });
    }
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
