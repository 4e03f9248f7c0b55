import { corpusError } from '../../corpus.ts';
import type { Answer, ReadFate } from '../lasting.ts';
import { VICTIM } from '../script.ts';
import type { Condition } from './condition.ts';

const MINUTE = 60_000;

const said = (id: string): Answer => {
  const { status, body } = corpusError(id);
  return { status, text: JSON.stringify(body) };
};

const FAILING: Readonly<Record<string, { readonly fate: ReadFate; readonly reason: string; readonly words?: RegExp }>> =
  {
    'get no answer': { fate: { lost: true }, reason: 'Unreachable' },
    'are answered 500 without a word': { fate: { answer: { status: 500, text: '' } }, reason: 'Unreachable' },
    'are answered 500': { fate: { answer: said('internal-error') }, reason: 'Unreachable', words: /unable to serve/ },
    'are answered 503': { fate: { answer: said('unavailable') }, reason: 'Unreachable', words: /ServiceUnavailable/ },
    'are answered 503 with Retry-After': {
      fate: { answer: { ...said('unavailable'), headers: { 'retry-after': '120' } } },
      reason: 'Throttled',
    },
    'are throttled': {
      fate: { answer: { ...said('throttled-by-aks'), headers: { 'retry-after': '17' } } },
      reason: 'Throttled',
    },
    'are throttled for the whole subscription': {
      fate: { answer: { ...said('throttled-by-arm'), headers: { 'retry-after': '17' } } },
      reason: 'Throttled',
    },
    'are throttled for a year': {
      fate: { answer: { ...said('throttled-by-aks'), headers: { 'retry-after': '31536000' } } },
      reason: 'Throttled',
    },
    'are answered 401': {
      fate: { answer: said('token-expired') },
      reason: 'AccessDenied',
      words: /ExpiredAuthenticationToken/,
    },
    'are answered 403': {
      fate: { answer: said('role-missing-read') },
      reason: 'AccessDenied',
      words: /managedClusters\/read/,
    },
    'are answered 403 by the network': {
      fate: { answer: said('network-not-allowed') },
      reason: 'AccessDenied',
      words: /this network/,
    },
    'find no group': {
      fate: { answer: said('group-not-found') },
      reason: 'AccessDenied',
      words: /ResourceGroupNotFound/,
    },
    'find no subscription': {
      fate: { answer: said('subscription-not-found') },
      reason: 'AccessDenied',
      words: /SubscriptionNotFound/,
    },
    'find no api-version': {
      fate: { answer: said('api-version-with-list') },
      reason: 'ApiVersionUnavailable',
      words: /2026-06-01/,
    },
    'are answered with a page of a proxy': {
      fate: { answer: { status: 200, text: '<html>sign in</html>' } },
      reason: 'Unreachable',
    },
    'are answered 403 with a page of a proxy': {
      fate: { answer: { status: 403, text: '<html>blocked</html>' } },
      reason: 'Unreachable',
    },
    'are cut off': {
      fate: { answer: { status: 200, text: '{"name":"prod","properties":{"provisi' } },
      reason: 'Unreachable',
    },
    'have no properties': { fate: { answer: { status: 200, text: '{"name":"prod"}' } }, reason: 'Unreachable' },
    'have wrong types': {
      fate: {
        answer: { status: 200, text: '{"name":"prod","properties":{"provisioningState":7,"agentPoolProfiles":{}}}' },
      },
      reason: 'Unreachable',
    },
  };

function ofLists(name: string, fate: ReadFate): Condition {
  return {
    name: `LISTs ${name}`,
    spares: 'Everybody',
    begin({ world }) {
      world.lasting = { list: () => fate };
      return () => (world.lasting = undefined);
    },
  };
}

/** Conditions of reads of ARM. */
export const OF_READS: readonly Condition[] = [
  ...Object.entries(FAILING).map(([name, { fate, reason, words }]): Condition => ({
    name: `GETs of the cluster ${name}`,
    spares: name.includes('subscription') ? 'Nobody' : 'OtherClusters',
    // ARM's own pace is kept.
    costs: reason === 'Throttled' ? { readsAnHour: 220, firstReads: 220 } : {},
    says: { object: VICTIM, reasons: [reason], within: 15 * MINUTE, ...(words ? { words } : {}) },
    begin({ world, aks }) {
      world.lasting = { get: (one) => (one === aks ? fate : undefined) };
      return () => (world.lasting = undefined);
    },
  })),
  ...Object.entries(FAILING)
    .filter(([name]) => !/throttled|Retry-After/.test(name))
    .map(([name, { fate }]) => ofLists(name, fate)),
  ...[6000, 12_000, 20_000].map((takesMs): Condition => ({
    name: `GETs of the cluster take ${takesMs / 1000} s`,
    spares: 'OtherClusters',
    // ARM hears nothing of these attempts, so that the pause between them grows to ten minutes only, as at rest: reads that have
    // become fast again are noticed soon. The record is written before and after each, and the status says when the next one is.
    costs: { statusWritesAnHour: 6.6, recordWritesAnHour: 20 },
    says: { object: VICTIM, reasons: ['ReadsTooSlow'], words: /\b\d+(\.\d+)? ?(s|seconds)\b/ },
    begin({ world, aks }) {
      world.lasting = { get: (one) => (one === aks ? { takesMs } : undefined) };
      return () => (world.lasting = undefined);
    },
  })),
  {
    name: 'GETs of the cluster take 45 s',
    spares: 'OtherClusters',
    says: { object: VICTIM, reasons: ['Unreachable'], within: 15 * MINUTE },
    begin({ world, aks }) {
      world.lasting = { get: (one) => (one === aks ? { takesMs: 45_000 } : undefined) };
      return () => (world.lasting = undefined);
    },
  },
  {
    name: 'GETs of the cluster show what was 9 s ago',
    spares: 'Everybody',
    begin({ world, aks }) {
      world.lasting = { get: (one) => (one === aks ? { lagMs: 9000 } : undefined) };
      return () => (world.lasting = undefined);
    },
  },
  {
    name: 'GETs of the cluster take 3 s',
    spares: 'Everybody',
    begin({ world, aks }) {
      world.lasting = { get: (one) => (one === aks ? { takesMs: 3000 } : undefined) };
      return () => (world.lasting = undefined);
    },
  },
];
