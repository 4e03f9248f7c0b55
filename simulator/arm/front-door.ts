import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Fault, Faults } from '../faults.ts';
import type { Answer, Incoming } from '../http/answer.ts';
import type { Reply } from '../http/listener.ts';
import type { Journal, JournalEntry } from '../journal.ts';
import type { BearerTokens } from '../sign-in/bearer.ts';
import type { Directory } from '../sign-in/directory.ts';
import type { RequestCount } from '../statistics.ts';
import type { World } from '../world.ts';
import { clusterIdOf } from './arm-request.ts';
import type { ArmSettings } from './arm-request.ts';
import { answerOfError, ArmError } from './errors.ts';
import { resourceIdOf } from './resource-id.ts';
import { findRoute } from './routes.ts';
import type { ArmOperation, Route } from './routes.ts';
import { serveArm } from './serve.ts';
import type { Throttling } from './throttling.ts';

export interface FrontDoor {
  readonly world: World;
  readonly directory: Directory;
  readonly tokens: BearerTokens;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly throttling: Throttling;
  readonly settings: ArmSettings;
  readonly clock: Clock;
  /** Milliseconds of the machine's monotonic clock. */
  readonly monotonicNow: () => number;
  readonly requestCount: RequestCount;
  readonly url: () => string;
}

/** Answers one ARM request, writes it into the journal and counts it. */
export async function receive(door: FrontDoor, incoming: Incoming): Promise<Reply> {
  const route = findRoute(incoming.method, incoming.url.pathname);
  const entry = journalEntry(door, incoming, route);
  const reply = await answered(door, incoming, route, entry);
  door.requestCount.add(route.operation, entry.status);
  return reply;
}

async function answered(door: FrontDoor, incoming: Incoming, route: Route, entry: JournalEntry): Promise<Reply> {
  const verdict = await door.tokens.verify(incoming.headers['authorization']);
  if (verdict.ok) entry.clientId = verdict.caller.clientId;
  const fault = door.faults.take({
    operation: route.operation,
    method: incoming.method,
    resourceId: entry.resourceId,
    ...(verdict.ok ? { clientId: verdict.caller.clientId } : {}),
  });
  if (fault?.latencyMs !== undefined) await door.clock.sleep(fault.latencyMs);
  if (fault?.resetBefore === true) return lost(entry, 'cut');
  if (fault?.silentBefore === true) return lost(entry, 'silence');
  const answer = verdict.ok
    ? await serveArm({
        incoming,
        route,
        caller: verdict.caller,
        roles: door.directory.find(verdict.caller.clientId)?.roles ?? [],
        apiVersion: entry.apiVersion,
        url: door.url(),
        world: door.world,
        faults: door.faults,
        fault,
        throttling: door.throttling,
        settings: door.settings,
      })
    : unauthorized(door, verdict.code, verdict.message);
  const sent = {
    ...answer,
    ...shortened(answer, fault),
    headers: { ...answer.headers, ...requestIds(incoming), ...dateOf(fault) },
  };
  entry.status = sent.status;
  if (sent.body !== undefined && door.journal.bodies && !SECRET.has(route.operation)) entry.responseText = sent.body;
  if (fault?.resetAfter === true) return lost(entry, 'cut');
  return fault?.silentAfter === true ? lost(entry, 'silence') : sent;
}

/** Operations whose answers only the caller may see. */
const SECRET: ReadonlySet<ArmOperation> = new Set(['ListClusterUserCredential', 'ListClusterAdminCredential']);

function journalEntry(
  { journal, clock, monotonicNow }: FrontDoor,
  { method, url, headers, body }: Incoming,
  route: Route,
): JournalEntry {
  const cluster = clusterIdOf(route);
  const ifMatch = headers['if-match'];
  return journal.add({
    at: new Date(clock.now()).toISOString(),
    arrivedAt: monotonicNow(),
    method,
    path: url.pathname,
    query: url.search.slice(1),
    apiVersion: url.searchParams.get('api-version') ?? '',
    operation: route.operation,
    ...(cluster === undefined ? {} : { resourceId: resourceIdOf(cluster) }),
    clientId: '',
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(body === '' || !journal.bodies ? {} : { requestText: body }),
    status: 0,
  });
}

function lost<T extends Reply>(entry: JournalEntry, how: T): T {
  entry.lost = true;
  return how;
}

function shortened({ body }: Answer, fault: Fault | undefined): { body?: string } {
  return fault?.truncateAt === undefined || body === undefined ? {} : { body: body.slice(0, fault.truncateAt) };
}

/** Node.js adds the true one where there is none. */
function dateOf(fault: Fault | undefined): Record<string, string> {
  if (fault?.dateOffsetSeconds === undefined) return {};
  return { date: new Date(Date.now() + fault.dateOffsetSeconds * 1000).toUTCString() };
}

function unauthorized({ directory, url }: FrontDoor, code: string, message: string): Answer {
  const challenge = `Bearer authorization_uri="${url()}/${directory.tenantId}", error="invalid_token", error_description="${message.replaceAll('"', "'")}"`;
  return answerOfError(new ArmError(401, code, message, { headers: { 'www-authenticate': challenge } }));
}

function requestIds({ headers }: Incoming): Record<string, string> {
  const id = randomUUID();
  const client = headers['x-ms-client-request-id'];
  return {
    'x-ms-request-id': id,
    'x-ms-correlation-request-id': headers['x-ms-correlation-request-id'] ?? id,
    'x-ms-routing-request-id': `SIMULATOR:${id}`,
    'cache-control': 'no-cache',
    ...(client !== undefined && headers['x-ms-return-client-request-id'] === 'true'
      ? { 'x-ms-client-request-id': client }
      : {}),
  };
}
