import type { ClusterObject } from '../../api/cluster-object.ts';
import { objectPath, RECONCILE_REQUESTED_AT } from '../../api/names.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import { NothingThere, refusal } from '../client/errors.ts';
import { gitOpsNote } from './git-ops.ts';
import type { Edit, EditedKind } from './request.ts';

/** Field manager of these edits: `kubectl get --show-managed-fields` tells them from those of other clients. */
export const FIELD_MANAGER = 'aks-ca-trust-cli';

export interface Edited {
  /** What was done, in a sentence. */
  readonly message: string;
  /** What another client may do to the edit. */
  readonly note?: string | undefined;
}

export interface EditTarget {
  readonly connection: Connection;
  readonly kind: EditedKind;
  readonly namespace: string;
  readonly name: string;
  readonly signal: AbortSignal;
}

/**
 * Changes one object that exists, and nothing that others wrote to it meanwhile. It never creates an object.
 *
 * @param now ms; the value of a reconcile request
 * @throws NothingThere, and Error with a message for a person
 */
export async function editObject(target: EditTarget, edit: Edit, now: number): Promise<Edited> {
  const { kind, namespace, name } = target;
  const isTrust = kind === 'CustomCATrust';
  const found = await readObject(target);
  if (found.metadata.deletionTimestamp !== undefined)
    throw new Error(
      `${kind} ${name} in namespace ${namespace} is being deleted, so it is not changed.${isTrust ? ` With deletionPolicy Remove it stays until its certificates are out of the cluster; follow it with: aks-ca-trust status ${namespace}/${name} --watch` : ''}`,
    );
  const suspended = found.spec.suspend === true;
  switch (edit) {
    case 'Reconcile':
      await patch(target, found, {
        metadata: { annotations: { [RECONCILE_REQUESTED_AT]: new Date(now).toISOString() } },
      });
      return {
        message: `A fresh read was requested for ${namespace}/${name}.`,
        note: suspended ? SUSPENDED[kind] : undefined,
      };
    case 'Suspend':
      if (suspended) return { message: `${namespace}/${name} is suspended already.` };
      await patch(target, found, { spec: { suspend: true } });
      return {
        message: `${namespace}/${name} is suspended: ${PAUSED[kind]}`,
        note: gitOpsNote(found, 'true'),
      };
    case 'Resume':
      if (!suspended) return { message: `${namespace}/${name} is not suspended.` };
      await patch(target, found, { spec: { suspend: false } });
      return { message: `${namespace}/${name} is resumed.`, note: gitOpsNote(found, 'false') };
  }
}

const SUSPENDED: Readonly<Record<EditedKind, string>> = {
  CustomCATrust:
    'The object is suspended: its status is updated, and no change is sent. `aks-ca-trust resume` ends that.',
  CertificateRotation: 'The object is suspended: the certificates are not read. `aks-ca-trust resume` ends that.',
};

const PAUSED: Readonly<Record<EditedKind, string>> = {
  CustomCATrust: 'its certificates stay in the cluster as they are. An operation that runs in Azure goes on.',
  CertificateRotation:
    "the cluster's certificates are not watched for it, and its status stays as it is. An operation that runs in Azure goes on.",
};

async function readObject(target: EditTarget): Promise<ClusterObject> {
  const { connection, signal } = target;
  try {
    return (await connection.request({ path: pathOf(target), signal })) as ClusterObject;
  } catch (error) {
    throw explained(error, target);
  }
}

function pathOf({ kind, namespace, name }: EditTarget): string {
  return objectPath({ kind, metadata: { namespace, name } });
}

async function patch(target: EditTarget, found: ClusterObject, change: object): Promise<void> {
  const { connection, signal } = target;
  const { metadata, ...rest } = change as { metadata?: object };
  try {
    await connection.request({
      method: 'PATCH',
      path: pathOf(target),
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/merge-patch+json',
      // With the uid, another object that has taken the name meanwhile is not changed.
      body: { ...rest, metadata: { ...metadata, uid: found.metadata.uid } },
      signal,
    });
  } catch (error) {
    throw explained(error, target);
  }
}

function explained(error: unknown, { connection: { server }, kind, namespace, name }: EditTarget): unknown {
  if (!(error instanceof KubernetesError)) return error;
  // The answer for a kind that is not installed is a 404 too, but its message does not name the object.
  if (error.status === 404 && /" not found/.test(error.message))
    return new NothingThere(`There is no ${kind} ${name} in namespace ${namespace} of ${server}`);
  // A uid that differs is a wrong value of a member that cannot change.
  if (error.status === 409 || (error.status === 422 && /metadata\.uid/.test(error.message)))
    return new Error(
      `${kind} ${name} in namespace ${namespace} was deleted and created again, or changed, at the same moment. It was not changed by this command; run it again.`,
      { cause: error },
    );
  return refusal(error, server, kind === 'CustomCATrust' ? 'aks-ca-trust-editor' : 'aks-ca-trust-rotation-editor');
}
