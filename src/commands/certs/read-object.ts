import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import { objectPath } from '../../api/names.ts';
import { parseClusterId } from '../../api/resource-id.ts';
import { judge } from '../../cluster-certificates/judge.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import { NothingThere, refusal } from '../client/errors.ts';
import type { CertsReport } from './report.ts';

/** A CertificateRotation in the management cluster. */
export interface ObjectRequest {
  readonly connection: Connection;
  readonly namespace: string;
  readonly name: string;
  readonly signal: AbortSignal;
}

/**
 * What the controller has read, with the healths of the present time.
 *
 * @throws NothingThere, and Error with a message for a person
 */
export async function readObject(request: ObjectRequest, now: number): Promise<CertsReport> {
  const { metadata, spec, status } = await get(request);
  const { resourceId } = spec.target;
  const judged = judge(
    undefined,
    { certificates: status?.certificates ?? [], autoRotation: status?.autoRotation ?? [] },
    now,
  );
  const unmet = (status?.conditions ?? []).filter(({ type, status }) => SAID.has(type) && status !== 'True');
  const seen = status?.observedGeneration;
  return {
    name: status?.cluster?.name ?? parseClusterId(resourceId)?.name ?? resourceId,
    resourceId,
    object: { namespace: request.namespace, name: metadata.name },
    rows: judged.certificates,
    heard: judged.certificates.some(({ health }) => health !== 'Unknown'),
    autoRotation: judged.autoRotation,
    notices: [
      ...(seen === undefined || seen < 0 ? ['The controller has not seen this object yet; is it running?'] : []),
      ...(seen !== undefined && seen >= 0 && seen !== metadata.generation
        ? ['The object was edited since the controller has read it.']
        : []),
      ...(spec.suspend ? ['The object is suspended: nothing is read again.'] : []),
      ...(status?.phase === 'Rotating' ? ['Its certificates are being rotated.'] : []),
      ...unmet.map((one) => `${one.type} is ${one.status}, ${one.reason}: ${one.message}`),
    ],
    nodeCommands: [],
  };
}

/** Conditions whose messages are not those of the rows. */
const SAID: ReadonlySet<string> = new Set(['Ready', 'RotationSucceeded']);

async function get({ connection, namespace, name, signal }: ObjectRequest): Promise<CertificateRotation> {
  const path = objectPath({ kind: 'CertificateRotation', metadata: { namespace, name } });
  try {
    return (await connection.request({ path, signal })) as CertificateRotation;
  } catch (error) {
    // The answer for a kind that is not installed is a 404 too, but its message does not name the object.
    if (error instanceof KubernetesError && error.status === 404 && /" not found/.test(error.message))
      throw new NothingThere(
        `There is no CertificateRotation ${name} in namespace ${namespace} of ${connection.server}`,
        { cause: error },
      );
    throw refusal(error, connection.server);
  }
}
