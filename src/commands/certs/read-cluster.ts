import { escapeForDisplay } from '../../api/display.ts';
import { apiServerUrls } from '../../azure/api-server-urls.ts';
import { judge, NOTHING_KNOWN } from '../../cluster-certificates/judge.ts';
import { createHandshake } from '../../cluster-certificates/read/handshake.ts';
import { readEvidence, type EvidenceSources } from '../../cluster-certificates/read/read-evidence.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { connectAs } from '../client/session.ts';
import { askArm, type ArmView } from './own-arm.ts';
import { armNotices, clockNotices, fileOnlyNotice } from './notices.ts';
import { compareWithArm, copyNotices, fileNotices, fileRows } from './own-copy.ts';
import { readOwnFile, type OwnFile } from './own-file.ts';
import { nodesToAsk, readNodeCommands } from './read-nodes.ts';
import type { CertsReport } from './report.ts';
import { openOwnPrometheus } from './own-prometheus.ts';
import type { AskedPrometheus, LiveTarget } from './request.ts';
import { searchFor, type SearchRequest } from './scan/search.ts';

export interface ReadOptions {
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** A Prometheus with the metrics of the cluster's kubelets; absent: none is asked. */
  readonly prometheus?: AskedPrometheus;
  /** A search for holders of the CA; absent: none. */
  readonly scan?: SearchRequest;
}

type Read = Omit<CertsReport, 'name' | 'resourceId' | 'object'>;

/**
 * Reads the certificates of a cluster as the person who runs the command, and judges them as the controller does.
 *
 * @throws Error with a message for a person where nothing can be read at all
 */
export async function readCluster(target: LiveTarget, options: ReadOptions): Promise<Read> {
  const { now, signal } = options;
  // First the file: ARM is not asked where that cannot be read.
  const file = target.file && (await readOwnFile(target.file));
  const arm = target.kind === 'Cluster' ? await askArm(target.azure, target.id, now, signal) : undefined;
  /** The kubeconfig that ARM returns now; without it, that of the person stands in. */
  const listed = arm?.kubeconfig.ok ? arm.kubeconfig.value : undefined;
  const comparison = file && listed !== undefined ? compareWithArm(file, listed) : undefined;
  const user = (comparison?.isOutdated ? undefined : file?.user) ?? arm?.user;
  const name = target.kind === 'Cluster' ? target.id.name : '';
  const prometheus = options.prometheus && (await openOwnPrometheus(options.prometheus, name, now));
  const connection = user?.ok ? connectAs(user.credentials, 'certs') : undefined;
  try {
    const evidence = await readEvidence(
      {
        ...(file && !listed ? ofFile(file) : arm ? ofArm(arm) : {}),
        // A person may reach a cluster over a tunnel that begins on this machine. The handshake sends no credential.
        handshake: createHandshake({ allowLocal: true }),
        ...(prometheus ? { prometheus } : {}),
        access: accessOf(user === file?.user ? file : undefined, connection, user),
      },
      now,
      signal,
    );
    const judged = judge(evidence, NOTHING_KNOWN, now());
    const heard = listed !== undefined || FROM_API_SERVER.some((member) => evidence[member]?.known);
    const nodes = connection && evidence.nodes?.known ? nodesToAsk(judged, evidence.nodes.value) : [];
    const server = connection?.server ?? file?.server;
    return {
      ...(server === undefined ? {} : { server }),
      heard,
      rows: [...judged.certificates, ...(file && comparison ? fileRows(file, comparison, evidence, now()) : [])],
      fileIsOutdated: comparison?.isOutdated === true,
      autoRotation: judged.autoRotation,
      notices: [
        ...(arm ? armNotices(arm, file) : []),
        ...(file && comparison ? fileNotices(file, comparison, target) : []),
        ...(file && !listed ? copyNotices(file, judged) : []),
        ...(heard || !file ? [] : [fileOnlyNotice(file)]),
        ...clockNotices(connection, now()),
      ],
      nodeCommands: connection ? await readNodeCommands(connection, nodes, signal) : [],
      ...(options.scan
        ? {
            scan: await searchFor(evidence, server, connection, {
              ...options.scan,
              signal,
            }),
          }
        : {}),
    };
  } finally {
    await connection?.close();
  }
}

/** What only the API server shows. */
const FROM_API_SERVER = ['apiServer', 'frontProxyCA', 'clientCAs', 'signingKeys', 'nodes'] as const;

function ofArm({ kubeconfig, cluster }: ArmView): Pick<EvidenceSources, 'kubeconfig' | 'servers'> {
  return {
    kubeconfig: () => Promise.resolve(kubeconfig),
    ...(cluster.ok ? { servers: apiServerUrls(cluster.value.text) } : {}),
  };
}

function ofFile({
  certificates,
  path,
}: OwnFile): Pick<EvidenceSources, 'kubeconfig' | 'kubeconfigName' | 'kubeconfigIsCopy'> {
  return {
    kubeconfig: () => Promise.resolve({ ok: true, value: certificates }),
    kubeconfigName: `kubeconfig ${escapeForDisplay(path)}`,
    kubeconfigIsCopy: true,
  };
}

function accessOf(
  file: OwnFile | undefined,
  connection: Connection | undefined,
  user:
    { readonly ok: true; readonly credentials: Credentials } | { readonly ok: false; readonly why: string } | undefined,
): NonNullable<EvidenceSources['access']> {
  if (connection) return { ok: true, connection };
  const why = user?.ok === false ? user.why : 'No user is known';
  return {
    ok: false,
    why: file ? `The user of the kubeconfig ${escapeForDisplay(file.path)} cannot sign in: ${why}` : why,
    fix: file ? 'Sign in as for kubectl, and run the command again.' : 'Give a kubeconfig of the cluster with -f.',
  };
}
