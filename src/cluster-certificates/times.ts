/** A time in ms as statuses show it: RFC 3339 in whole seconds, UTC. */
export function secondsOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
