import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { observeClient } from '../../src/runtime/client-metrics.ts';

describe('metrics of requests to the API server', () => {
  it('are there from the start, at 0', async () => {
    const registry = new Registry();
    observeClient(registry);
    const text = await registry.metrics();
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(text).toContain(`rest_client_requests_total{method="${method}",code="200"} 0`);
      expect(text).toContain(`rest_client_request_duration_seconds_count{verb="${method}"} 0`);
    }
    expect(text).toContain('aks_ca_trust_api_server_connections_total 0');
  });

  it('count answers by status, what had none as error, and connections', async () => {
    const registry = new Registry();
    const { observe, connected } = observeClient(registry);
    observe('GET', 200, 0.02);
    observe('GET', 200, 3);
    observe('PUT', 409, 0.02);
    observe('PUT', 'error', 30);
    connected();
    const text = await registry.metrics();
    expect(text).toContain('rest_client_requests_total{method="GET",code="200"} 2');
    expect(text).toContain('rest_client_requests_total{method="PUT",code="409"} 1');
    expect(text).toContain('rest_client_requests_total{method="PUT",code="error"} 1');
    expect(text).toContain('rest_client_request_duration_seconds_bucket{le="0.025",verb="GET"} 1');
    expect(text).toContain('rest_client_request_duration_seconds_sum{verb="GET"} 3.02');
    expect(text).toContain('aks_ca_trust_api_server_connections_total 1');
  });
});
