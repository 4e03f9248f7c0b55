import { Counter, Histogram, type Registry } from 'prom-client';
import type { ConnectOptions } from '../kubernetes/client/connection.ts';

/** Seconds; as client-go's. */
const BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** Requests to the API server, under the names of client-go where it has them (k8s.io/component-base/metrics/prometheus/restclient). */
export function observeClient(registry: Registry): Required<Pick<ConnectOptions, 'observe' | 'connected'>> {
  const registers = [registry];
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server, by HTTP status, or error where no answer came.',
    labelNames: ['code', 'method'],
    registers,
  });
  const seconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'How long requests to the API server took; of a watch, until it began.',
    labelNames: ['verb'],
    buckets: BUCKETS,
    registers,
  });
  const connections = new Counter({
    name: 'aks_ca_trust_api_server_connections_total',
    help: 'Connections that were opened to the API server, each with a TLS handshake.',
    registers,
  });
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    requests.inc({ method, code: '200' }, 0);
    seconds.zero({ verb: method });
  }
  return {
    observe(method, code, duration) {
      requests.inc({ method, code: String(code) });
      seconds.observe({ verb: method }, duration);
    },
    connected: () => connections.inc(),
  };
}
