import { ArmError } from './errors.ts';

/** Stable api-versions of Microsoft.ContainerService served unless the options say otherwise. */
export const STABLE_API_VERSIONS: readonly string[] = [
  '2025-01-01',
  '2025-02-01',
  '2025-03-01',
  '2025-04-01',
  '2025-05-01',
  '2025-07-01',
  '2025-08-01',
  '2025-10-01',
  '2026-01-01',
  '2026-02-01',
  '2026-03-01',
  '2026-04-01',
  '2026-05-01',
  '2026-06-01',
  '2026-07-01',
];

/** Throws 400 when the api-version is missing, or unknown for a resource type of the container service. */
export function checkApiVersion(
  apiVersion: string,
  resourceType: string | undefined,
  supported: readonly string[],
  locationOf: () => string,
): void {
  if (apiVersion === '') {
    throw new ArmError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(apiVersion)) {
    throw new ArmError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${apiVersion}' is invalid. The supported versions are '${supported.join(',')}'.`,
    );
  }
  if (resourceType === undefined || supported.includes(apiVersion)) return;
  const location = locationOf();
  throw new ArmError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}' and API version '${apiVersion}' for type '${resourceType}'. ` +
      `The supported api-versions are '${supported.join(', ')}'. The supported locations are '${location}'.`,
  );
}
