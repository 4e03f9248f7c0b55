import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';

/** More than any page of ARM has; the model of a cluster with a hundred pools has a few hundred KiB. */
export const MOST_ARM_BYTES = 16 * 1024 * 1024;
/** More than any answer to signing in has. */
export const MOST_SIGN_IN_BYTES = 1024 * 1024;

/**
 * The SDK's HTTP client with a bound on what an answer may unpack to, in bytes. The SDK gathers a body of any size and makes a
 * string of it in a callback of a stream, where an error ends the process.
 *
 * A body that is too large makes the request reject, and its connection is closed.
 */
export function createBoundedClient(mostBytes: number): HttpClient {
  const client = createDefaultHttpClient();
  return {
    async sendRequest(request) {
      // So that nothing is gathered yet.
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      const response = await client.sendRequest(request);
      const stream = response.readableStreamBody;
      if (!stream) return response;
      delete response.readableStreamBody;
      response.bodyAsText = await readText(stream, mostBytes);
      return response;
    },
  };
}

async function readText(stream: NodeJS.ReadableStream, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the stream.
  for await (const chunk of stream) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > mostBytes) throw new Error(`the answer has more than ${mostBytes / 1024 / 1024} MiB and was not read`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
