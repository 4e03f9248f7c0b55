import { escapeForDisplay } from '../../api/display.ts';
import { isDnsName, member, textAt, timeOf } from './untyped.ts';

/** The members that are read of a Node's metadata. Every text is short and safe to show. */
export interface Metadata {
  readonly name: string;
  readonly uid: string;
  /** In ms, by the target's own API server. */
  readonly createdAt: number;
  /** The value of a label; undefined where there is none. */
  readonly label: (key: string) => string | undefined;
}

const UID = /^[\x21-\x7e]{1,128}$/;
/** kubernetes.io/docs/concepts/overview/working-with-objects/labels */
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Throws Error, naming the fault, for metadata that no Kubernetes API server returns: such a response is no evidence.
 */
export function readMetadata(value: unknown): Metadata {
  const name = textAt(value, 'name');
  if (name === undefined || !isDnsName(name))
    throw new Error(`a node has the name ${shown(name)}, which is not a DNS name`);
  const uid = textAt(value, 'uid');
  if (uid === undefined || !UID.test(uid)) throw new Error(`node ${name} has the uid ${shown(uid)}`);
  const created = member(value, 'creationTimestamp');
  const createdAt = timeOf(created);
  if (createdAt === undefined) throw new Error(`node ${name} has the creationTimestamp ${shown(created)}`);
  const labels = member(value, 'labels') ?? {};
  return {
    name,
    uid,
    createdAt,
    label(key) {
      const label = member(labels, key);
      if (label === undefined) return undefined;
      if (typeof label !== 'string' || !LABEL_VALUE.test(label))
        throw new Error(`node ${name} has the value ${shown(label)} for its label ${key}`);
      return label;
    },
  };
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `"${escapeForDisplay(value, 100)}"`;
  return value === undefined ? '(none)' : `of type ${value === null ? 'null' : typeof value}`;
}
