import { Agent, request } from 'undici';
import type { Simulator } from '../../simulator/index.ts';

export const API_VERSION = '2026-04-01';

export interface ArmAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body, parsed; undefined when there is none. */
  readonly body: Record<string, unknown> | undefined;
}

export interface ArmClient {
  readonly clientId: string;
  readonly token: string;
  get(path: string, headers?: Record<string, string>): Promise<ArmAnswer>;
  put(path: string, body: string, headers?: Record<string, string>): Promise<ArmAnswer>;
  send(method: string, pathAndQuery: string, headers?: Record<string, string>, body?: string): Promise<ArmAnswer>;
  close(): Promise<void>;
}

/** A client that sends requests unchanged and returns answers unread. */
export async function armClient(
  simulator: Simulator,
  client: { clientId: string; clientSecret: string } = simulator.addClient(),
  scope = `${simulator.url}/.default`,
): Promise<ArmClient> {
  const agent = new Agent({ connect: { ca: simulator.caPem } });
  const send: ArmClient['send'] = async (method, pathAndQuery, headers = {}, body) => {
    const response = await request(`${simulator.url}${pathAndQuery}`, {
      method,
      dispatcher: agent,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, text, body: parsed(text) };
  };
  const signedIn = await send(
    'POST',
    `/${simulator.tenantId}/oauth2/v2.0/token`,
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret,
      scope,
    }).toString(),
  );
  const token = String(signedIn.body?.['access_token']);
  const authorized = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    clientId: client.clientId,
    token,
    send,
    get: (path, headers = {}) => send('GET', withVersion(path), { ...authorized, ...headers }),
    put: (path, body, headers = {}) => send('PUT', withVersion(path), { ...authorized, ...headers }, body),
    close: () => agent.close(),
  };
}

function withVersion(path: string): string {
  return path.includes('api-version=') ? path : `${path}${path.includes('?') ? '&' : '?'}api-version=${API_VERSION}`;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
