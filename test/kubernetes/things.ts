import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { json, lines, status, type Step } from './scripted-server.ts';

/** An object of the kind that scripted servers have. */
export function thing(name: string, version: number, uid = `uid-${name}`): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, namespace: 'n', uid, resourceVersion: String(version) },
  };
}

/** A page of a list. */
export function list(resourceVersion: string, items: KubernetesObject[], next?: string): Step {
  return json(200, { apiVersion: 'v1', kind: 'ThingList', metadata: { resourceVersion, continue: next }, items });
}

/** A watch that brings one thing, and stays open unless a test says otherwise. */
export function event(type: string, object: KubernetesObject, open = true): Step {
  return lines([{ type, object }], { open });
}

export function bookmark(version: number, annotations?: Record<string, string>): unknown {
  const metadata = { resourceVersion: String(version), annotations };
  return { type: 'BOOKMARK', object: { kind: 'Thing', apiVersion: 'v1', metadata } };
}

/** What ends the list in a stream. */
export function listEnd(version: number): unknown {
  return bookmark(version, { 'k8s.io/initial-events-end': 'true' });
}

export const added = (object: KubernetesObject) => ({ type: 'ADDED', object });

/** A server that does not know streaming lists. */
export const noStreams = json(422, status(422, 'Invalid', 'sendInitialEvents is forbidden for watch'));
export const gone = json(410, status(410, 'Expired', 'too old resource version'));
/** A watch that says nothing and does not end. */
export const quiet = lines([], { open: true });

/** What was asked, in short: `list`, `stream`, `watch from 7`. */
export function inShort({ searchParams }: URL): string {
  const from = searchParams.get('continue');
  if (searchParams.has('sendInitialEvents')) return 'stream';
  if (searchParams.has('watch')) return `watch from ${searchParams.get('resourceVersion')}`;
  return from === null ? 'list' : `list on ${from}`;
}
