/**
 * api-version of GET and PUT of a managed cluster; see docs/adr/0003-arm-api-version.md. From 2026-07-01 on the meaning of a
 * KMS key identifier changes, so a PUT with a newer one is not neutral.
 */
export const ARM_API_VERSION = '2026-06-01';
