import { type DestinationStream, type LevelWithSilent, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Logger as KubernetesLogger } from '../kubernetes/logger.ts';
import { serializeError } from './log-error.ts';
import { escapeControls, scrub } from './scrub.ts';

/** The logger of all parts; a pino logger is one. Errors are logged under `err`. */
export interface Logger extends KubernetesLogger {
  /** A logger that adds these fields to every line. */
  child(fields: Record<string, unknown>): Logger;
}

export interface LoggerOptions {
  /** Default: info. */
  readonly level?: LevelWithSilent;
  /** `json` for machines, `pretty` for people. */
  readonly format: 'json' | 'pretty';
  /** Receives whole lines; default: standard output. */
  readonly destination?: DestinationStream;
}

/** Fields that are never written, at the top or one level below, whatever their value. */
const SECRET_FIELDS = [
  'authorization',
  'Authorization',
  'token',
  'accessToken',
  'access_token',
  'idToken',
  'refreshToken',
  'bearer',
  'password',
  'clientSecret',
  'client_secret',
  'clientAssertion',
  'client_assertion',
  'kubeconfig',
  'kubeconfigs',
  'credentials',
  'keyPem',
  'privateKey',
  'client-key-data',
];

/**
 * Logs one line per event, without secrets: fields with the names of secrets are replaced, errors are reduced to the fields that
 * name the cause (stacks only for debug), and every line is searched for tokens, private keys and queries of URLs.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { level = 'info', format, destination = pino.destination(1) } = options;
  const stacks = level === 'debug' || level === 'trace';
  const serialized = (error: unknown) => serializeError(error, stacks);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serialized, error: serialized },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]),
        censor: '[redacted]',
      },
      hooks: { streamWrite: scrub },
    },
    format === 'json' ? destination : forPeople(destination),
  );
}

function forPeople(destination: DestinationStream): DestinationStream {
  const prettify = prettyFactory({ colorize: false, translateTime: 'HH:MM:ss', singleLine: true });
  return { write: (line) => destination.write(escapeControls(prettify(line))) };
}

/** Drops every line. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
