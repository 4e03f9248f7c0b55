import { Agent, request } from 'undici';

/** Where a server is and how to speak to it. PEM texts. */
export interface Access {
  readonly server: string;
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly accept?: string;
  readonly contentType?: string;
  readonly authorization?: string;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends a request and returns its answer. */
export interface HttpsClient {
  /** Rejects when there is no answer; any answer is one. */
  send(path: string, call?: Call): Promise<Answer>;
  /** The parsed body of a 2xx. Throws with method, path and answer for any other. */
  json(path: string, call?: Call): Promise<unknown>;
  close(): Promise<void>;
}

export function httpsClient({ server, caPem, certPem, keyPem }: Access): HttpsClient {
  const identity = certPem === undefined || keyPem === undefined ? {} : { cert: certPem, key: keyPem };
  const agent = new Agent({ connect: { ca: caPem, ...identity } });

  async function send(path: string, call: Call = {}): Promise<Answer> {
    const response = await request(`${server}${path}`, {
      method: call.method ?? 'GET',
      dispatcher: agent,
      headers: {
        accept: call.accept ?? 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        ...(call.authorization === undefined ? {} : { authorization: call.authorization }),
      },
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }

  return {
    send,
    async json(path, call = {}) {
      const { status, text } = await send(path, call);
      if (status >= 300) throw new Error(`${call.method ?? 'GET'} ${server}${path}: ${status} ${text.slice(0, 500)}`);
      return JSON.parse(text) as unknown;
    },
    close: () => agent.destroy(),
  };
}
