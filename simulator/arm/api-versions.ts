import { ArmError, spokenError } from './errors.ts';

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
    throw spokenError('api-version-invalid', { "'2026-06-01'": `'${apiVersion}'`, [EXAMPLES]: supported.join(', ') });
  }
  if (resourceType === undefined || supported.includes(apiVersion)) return;
  const location = locationOf();
  throw spokenError('api-version-not-registered', {
    "location 'chinanorth3'": `location '${location}'`,
    "'2026-06-01'": `'${apiVersion}'`,
    "type 'managedClusters'": `type '${resourceType}'`,
    [EXAMPLES]: supported.join(', '),
    'chinanorth3, chinaeast2': location,
  });
}

/** The supported api-versions in the words of corpus.json. */
const EXAMPLES =
  '2017-08-31, 2019-02-01, 2023-01-01, 2023-10-02-preview, 2024-09-01, 2025-01-01, 2025-05-01, 2025-10-01, 2026-01-01, 2026-02-02-preview';
