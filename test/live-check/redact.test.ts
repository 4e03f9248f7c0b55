import { expect, it } from '@jest/globals';
import { createRedaction } from '../../scripts/live-check/redact.ts';

const names = { 'prod-1': 'cluster', 'rg-prod-1': 'group', '': 'nothing' };
const [one, other] = ['0aaaaaaa-1111-2222-3333-444444444444', '1aaaaaaa-1111-2222-3333-444444444444'];

it.each([
  ['names in any case, the longer one first', 'RG-PROD-1 has Prod-1', '<group> has <cluster>'],
  [
    'queries of URLs, which grant access like tokens',
    'at https://a.example/op/1?t=9&c=s (x)',
    'at https://a.example/op/1?<query> (x)',
  ],
  ['ids, the same one by the same name', `${one}, ${other}, ${one.toUpperCase()}`, '<guid-1>, <guid-2>, <guid-1>'],
  ['tokens', 'Bearer eyJhbGciOi.eyJzdWIi.c2ln', 'Bearer <token>'],
  ['hosts of API servers and addresses', 'c-1.hcp.westeurope.azmk8s.io at 10.0.0.1', '<host-1> at <address-1>'],
  ['mail addresses', 'by ada@example.com', 'by <mail>'],
])('takes out %s', (_, text, redacted) => {
  expect(createRedaction(names)(text)).toBe(redacted);
});

it('leaves everything else as it is', () => {
  const text = 'HTTP 409, OperationNotAllowed: Another operation (Updating) is in progress on 1.33.3';
  expect(createRedaction(names)(text)).toBe(text);
});
