import type { ServerResponse } from 'node:http';

/** An HTTP answer of one of our servers. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n`, headers };
}

/** Sends the whole answer; for HEAD, the length of the body without the body. */
export function send(response: ServerResponse, { status, type, body, headers }: Answer): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': length });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
