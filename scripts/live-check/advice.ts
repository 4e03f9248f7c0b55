import { CONSENT_TAG } from './run.ts';

export const HELP = `Usage: node scripts/live-check.ts --cluster <resource id> [--yes]

Asks a live AKS cluster about what this project assumes of AKS, and writes live-check.md and live-check.jsonl.

  --cluster RESOURCE-ID     a cluster that may be lost, with the tag ${CONSENT_TAG}=yes and an empty list
  --out PATH                begin of the names of both files (live-check)
  --abort, --stop, --rotate ask also about an abort, a stop and start, a rotation of the cluster's own certificates
  --credential KIND         as of the controller (AzureCLI); --tenant-id, --client-id and the environment as there
  --cloud NAME              AzurePublic, AzureUSGovernment, AzureChina
  --poll-seconds N          between two reads while something runs (15)
  --patience-minutes N      how long one operation may run (120)
  --yes                     begin without a question
`;

/** What it does and costs, before it begins. */
export const ADVICE = `A cluster for it, and its end:

  az group create --name <group> --location <region>
  az aks create --resource-group <group> --name <cluster> --tier free --node-count 1 --generate-ssh-keys --tags ${CONSENT_TAG}=yes
  az aks show --resource-group <group> --name <cluster> --query id --output tsv
  az group delete --name <group>

It costs what its machines, disks and addresses cost until you delete the group: one node, and one more while nodes are replaced.
Every list that AKS takes replaces every node; there are six to twelve such changes, one after the other. How long one takes is among the
questions. The files that it writes leave out what is known to be an id, a name, a host or a token;
read them before you send them.
`;
