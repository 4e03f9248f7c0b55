/** What a GET of a managed cluster shows. */
export interface Shown {
  readonly name: string;
  readonly eTag: string | undefined;
  readonly uid: string;
  readonly state: string;
  readonly stopped: boolean;
  readonly list: readonly string[] | undefined;
  /** Of everything that is not ours. */
  readonly revision: number;
  readonly targetVersion: string;
  readonly currentVersion: string;
  readonly error: string | undefined;
  readonly pools: readonly ShownPool[];
}

export interface ShownPool {
  readonly name: string;
  readonly osType: 'Linux' | 'Windows';
  readonly count: number;
  readonly state: string;
  readonly currentVersion: string;
}

/** As ARM would write it, with numbers, members and blanks that no reader of JSON gives back as they were. */
export function textOf(shown: Shown): string {
  const { name, eTag, uid, state, stopped, list, revision, targetVersion, currentVersion, error, pools } = shown;
  const members = [
    `"provisioningState": "${state}"`,
    `"powerState":{"code":"${stopped ? 'Stopped' : 'Running'}"}`,
    ...(error === undefined ? [] : [`"status":{"provisioningError":{"code":"${error}","message":"it says ${error}"}}`]),
    `"kubernetesVersion":"${targetVersion}","currentKubernetesVersion":"${currentVersion}"`,
    `"resourceUID":"${uid}"`,
    `"autoScalerProfile":{"scan-interval":"10s","weight":1.50,"large":12345678901234567890}`,
    `"agentPoolProfiles":[${pools.map((pool) => poolText(pool, targetVersion)).join(',')}]`,
    `"securityProfile":{ "imageCleaner":{"enabled":true,"intervalHours":168}${list ? `,"customCATrustCertificates":[${list.map((one) => JSON.stringify(one)).join(', ')}]` : ''} ,"unheardOf":null}`,
  ];
  return `{"id":"…/${name}","name":"${name}","location":"westeurope",${eTag === undefined ? '' : `"eTag":"${eTag}",`}"tags":{"revision":"${revision}","snow\\u2603":"☃"},\n "properties":{${members.join(',')}},"sku":{"name":"Base","tier":"Free"} }`;
}

function poolText({ name, osType, count, state, currentVersion }: ShownPool, target: string): string {
  return `{"name":"${name}","count":${count},"vmSize":"Standard_D2s_v5","osType":"${osType}","provisioningState":"${state}","powerState":{"code":"Running"},"orchestratorVersion":"${target}","currentOrchestratorVersion":"${currentVersion}","maxPods":3.0e1}`;
}

export function revisionIn(text: string): number {
  return Number(/"revision":"(\d+)"/.exec(text)?.[1]);
}
