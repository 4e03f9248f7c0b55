/** A file on a node. */
export interface NodeFile {
  readonly path: string;
  readonly content: string;
}

/** Where AKS installs custom CAs (github.com/Azure/AgentBaker, parts/linux/cloud-init/artifacts, update_certs.service and its variants). */
const FOLDERS: readonly { readonly osSku: RegExp; readonly folder: string }[] = [
  { osSku: /^(azurelinux|cblmariner|mariner)/i, folder: '/usr/share/pki/ca-trust-source/anchors' },
  { osSku: /^azurecontainerlinux/i, folder: '/etc/pki/ca-trust/source/anchors' },
];
const UBUNTU = '/usr/local/share/ca-certificates/certs';

/** The files that a node has for the list it was born with: one an element, named by its place in the list. */
export function trustStoreFiles(node: { readonly osSku: string; readonly bornWith: readonly string[] }): NodeFile[] {
  const folder = FOLDERS.find(({ osSku }) => osSku.test(node.osSku))?.folder ?? UBUNTU;
  return node.bornWith.map((element, index) => ({
    path: `${folder}/aks-custom-00000000000000cert${index}.crt`,
    content: Buffer.from(element, 'base64').toString('utf8'),
  }));
}
