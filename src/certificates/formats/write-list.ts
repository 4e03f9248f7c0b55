import type { Certificate } from '../certificate.ts';

/** One certificate after the other, in canonical PEM. */
export function toPem(certificates: readonly Certificate[]): string {
  return certificates.map(({ pem }) => pem).join('');
}

/**
 * The file of `az aks create --custom-ca-trust-certificates`: the Azure CLI splits it at blank lines, and makes each piece an
 * element of the list. Without a blank line, two certificates become one element.
 */
export function toAzureCliFile(certificates: readonly Certificate[]): string {
  return certificates.map(({ pem }) => pem).join('\n');
}

/** `properties.securityProfile.customCATrustCertificates` of a cluster: an array of base64 of PEM. */
export function toArmJson(certificates: readonly Certificate[]): string {
  return `${JSON.stringify(
    certificates.map(({ element }) => element),
    undefined,
    2,
  )}\n`;
}

/** The attribute of `azurerm_kubernetes_cluster`. Base64 has no character that Terraform reads in its own way. */
export function toTerraform(certificates: readonly Certificate[]): string {
  const rows = certificates.map(({ element }) => `  "${element}",\n`);
  return `custom_ca_trust_certificates_base64 = [\n${rows.join('')}]\n`;
}
