import type { KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import { addressOf } from '../api-requests.ts';
import type { ApiRefusal } from '../lasting.ts';
import { AFFLICTED, TENANT, VICTIM } from '../script.ts';
import type { Condition } from './condition.ts';

const WEBHOOK: ApiRefusal = {
  status: 403,
  reason: 'Forbidden',
  message: 'admission webhook "labels.example" denied the request: label owner is missing',
};
const BROKEN: ApiRefusal = {
  status: 500,
  reason: 'InternalError',
  message: 'Internal error occurred: failed calling webhook "labels.example": no endpoints available',
};

type Address = ReturnType<typeof addressOf>;

function refusing(
  name: string,
  refusal: ApiRefusal,
  which: (address: Address, request: KubernetesRequest) => boolean,
  more: Pick<Condition, 'spares'> & Partial<Condition>,
): Condition {
  return {
    name,
    ...more,
    begin({ world }) {
      world.lasting = {
        refuses: (request) =>
          request.method !== 'GET' && which(addressOf(request.path), request) ? refusal : undefined,
      };
      return () => (world.lasting = undefined);
    },
  };
}

const finaliserOf = (object: string) => (address: Address) =>
  address.kind === 'customcatrusts' && !address.status && address.name === object;
const statusOf = (object: string) => (address: Address) =>
  address.kind === 'customcatrusts' && address.status && address.name === object;

/** In a POST, the name is in the body. */
function isRecord({ kind, name }: Address, { body }: KubernetesRequest): boolean {
  const own = name ?? (body as { metadata?: { name?: string } } | undefined)?.metadata?.name ?? '';
  return kind === 'targetclusters' && own.startsWith(`${AFFLICTED}-`);
}

/** Conditions of our own API server: what it refuses to let us write. */
export const OF_ADMISSION: readonly Condition[] = [
  ...[WEBHOOK, BROKEN].flatMap((refusal) => [
    refusing(`a webhook refuses one object's finaliser with ${refusal.status}`, refusal, finaliserOf(TENANT), {
      early: true,
      spares: 'OtherObjects',
    }),
    refusing(`a webhook refuses one object's status with ${refusal.status}`, refusal, statusOf(TENANT), {
      silences: TENANT,
      early: true,
      spares: 'OtherObjects',
    }),
    refusing(`a webhook refuses every event with ${refusal.status}`, refusal, ({ kind }) => kind === 'events', {
      spares: 'Everybody',
    }),
    refusing(`a webhook refuses the record of a cluster with ${refusal.status}`, refusal, isRecord, {
      spares: 'OtherClusters',
      says: { object: VICTIM, reasons: ['Held'], words: /webhook "labels\.example"/ },
    }),
  ]),
];
