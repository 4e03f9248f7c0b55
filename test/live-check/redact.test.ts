import { expect, it } from '@jest/globals';
import { createRedaction } from '../../scripts/live-check/redact.ts';

const names = { 'prod-1': 'cluster', 'rg-prod-1': 'group', '': 'nothing' };
const [one, other] = ['0aaaaaaa-1111-2222-3333-444444444444', '1aaaaaaa-1111-2222-3333-444444444444'];

it.each([
  ['names in any case, the longer one first', 'RG-PROD-1 has Prod-1', '<group> has <cluster>'],
  [
    'queries of URLs, which grant access like tokens',
    'at https://a.example/op/1?t=9&c=s (x)',
    'at https://<host-1>/op/1?<query> (x)',
  ],
  ['ids, the same one by the same name', `${one}, ${other}, ${one.toUpperCase()}`, '<guid-1>, <guid-2>, <guid-1>'],
  ['tokens', 'Bearer eyJhbGciOi.eyJzdWIi.c2ln', 'Bearer <token>'],
  ['hosts of API servers and addresses', 'c-1.hcp.westeurope.azmk8s.io at 10.0.0.1', '<host-1> at <address-1>'],
  ['IPv6 addresses', 'from 2001:db8::1 and fd00:1:2:3:4:5:6:7', 'from <address-1> and <address-2>'],
  ['domains of tenants', 'in contoso.onmicrosoft.com', 'in <tenant-1>'],
  ['other hosts of URLs', 'GET https://api.corp.internal/healthz', 'GET https://<host-1>/healthz'],
  [
    'names of identities and of nodes',
    '/resourceGroups/rg-prod-1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/kubelet-eu on aks-apps-39635337-vmss00000a',
    '/resourceGroups/<group>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<resource-1> on <node-1>',
  ],
  ['mail addresses', 'by ada@example.com', 'by <mail>'],
])('takes out %s', (_, text, redacted) => {
  expect(createRedaction(names)(text)).toBe(redacted);
});

it('leaves everything else as it is', () => {
  for (const text of [
    'HTTP 409, OperationNotAllowed: Another operation (Updating) is in progress on 1.33.3',
    'since 2026-12-01T09:12:33Z: see https://aka.ms/aks/errors and https://learn.microsoft.com/azure/aks',
    'AKSNodeUpgrade: Microsoft.ContainerService/managedClusters: 12:30:00 to 13:30:00',
  ])
    expect(createRedaction(names)(text)).toBe(text);
});
