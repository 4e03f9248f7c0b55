import { createDefaultHttpClient, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import type { Readable } from 'node:stream';

/** Larger than any page of ARM; the model of a cluster with a hundred pools has a few hundred KiB. */
export const MOST_ARM_BYTES = 16 * 1024 * 1024;
/** Larger than any answer that the SDK reads into its own types, which it parses at any size. */
export const MOST_SDK_BYTES = 1024 * 1024;
/** Larger than any answer to signing in. */
export const MOST_SIGN_IN_BYTES = 1024 * 1024;

/** Counts the bytes held of all answers together. */
export interface AnswerBudget {
  open(payer: string, asked: string): AnswerMeter;
}

/** Counts the bytes held of one answer; {@link AnswerMeter.grow} waits for room, and throws where the answer is given up. */
export interface AnswerMeter {
  grow(bytes: number): Promise<void> | undefined;
  close(): void;
  onGivenUp(giveUp: (error: Error) => void): void;
}

/**
 * The SDK's HTTP client with a limit for the unpacked size of an answer, in bytes. The SDK gathers a body of any size and
 * converts it to a string in a callback of a stream, where an error ends the process.
 *
 * A body that is too large makes the request reject, and its connection is closed.
 *
 * @param budget counts all answers together; default: they are not counted
 */
export function createBoundedClient(mostBytes: number, budget?: AnswerBudget): HttpClient {
  const client = createDefaultHttpClient();
  return {
    async sendRequest(request) {
      // The SDK then leaves the body as a stream.
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      const response = await client.sendRequest(request);
      const stream = response.readableStreamBody;
      if (!stream) return response;
      delete response.readableStreamBody;
      response.bodyAsText = await readMetered(stream as Readable, mostBytes, budget, request);
      return response;
    },
  };
}

async function readMetered(
  stream: Readable,
  mostBytes: number,
  budget: AnswerBudget | undefined,
  { method, url, abortSignal }: PipelineRequest,
): Promise<string> {
  const meter = budget?.open('ARM', `${method} ${URL.parse(url)?.pathname ?? ''}`);
  const close = () => meter?.close();
  meter?.onGivenUp((error) => stream.destroy(error));
  // A meter that waits for room ends its wait only when it is closed.
  abortSignal?.addEventListener('abort', close);
  try {
    return await readText(stream, mostBytes, meter);
  } finally {
    abortSignal?.removeEventListener('abort', close);
    close();
  }
}

async function readText(stream: Readable, mostBytes: number, meter: AnswerMeter | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the stream.
  for await (const chunk of stream) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string);
    bytes += buffer.length;
    if (bytes > mostBytes) throw new Error(`the answer has more than ${mostBytes / 1024 / 1024} MiB and was not read`);
    await meter?.grow(buffer.length);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
