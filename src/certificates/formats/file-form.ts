import { SEQUENCE } from '../der.ts';
import { decodeText } from '../pem/decode-text.ts';
import { derShape } from '../x509/der-shape.ts';

/**
 * The forms in which certificates are kept in files. `Pem` includes the file of the Azure CLI, which has blank lines between
 * certificates; `JsonList`: ARM's list, alone or in the body of a cluster, of `az aks show`, or in a state of Terraform;
 * `TerraformList`: the attribute in a configuration; `Manifest`: objects of Kubernetes; `Text`: none of the others.
 */
export type FileForm =
  'Pem' | 'Der' | 'Pkcs7' | 'Pkcs12' | 'JavaKeyStore' | 'JsonList' | 'TerraformList' | 'Manifest' | 'Text';

/** Names of the forms in sentences. */
export const FORM_NAMES: Readonly<Record<FileForm, string>> = {
  Pem: 'PEM',
  Der: 'a certificate in DER',
  Pkcs7: 'a PKCS#7 bundle',
  Pkcs12: 'a PKCS#12 file',
  JavaKeyStore: 'a Java keystore',
  JsonList: 'a list in JSON',
  TerraformList: 'a configuration of Terraform',
  Manifest: 'a manifest',
  Text: 'text',
};

/** Members and attributes that hold ARM's list, in ARM's bodies and in those of tools. */
export const LIST_NAMES: readonly string[] = [
  'customCATrustCertificates',
  'customCaTrustCertificates',
  'custom_ca_trust_certificates_base64',
  'customCaTrustCertificatesBase64',
];

/** A length that BER allows and DER does not. */
const INDEFINITE = 0x80;
const SIGNED_DATA_OID = '06092a864886f70d0107';
const VERSION_3 = '020103';
/** Java's own keystores, and those with encrypted keys: `keytool` before version 9 wrote them. */
const KEYSTORE_MAGIC: ReadonlySet<string> = new Set(['feedfeed', 'cececece']);
const ASSIGNMENT = /\bcustom_ca_trust_certificates_base64"?[ \t]{0,64}=/;
const YAML_MANIFEST = /^(?:apiVersion|kind):/m;
/** ARM's templates have dates as apiVersion. */
const JSON_MANIFEST = /"apiVersion"[ \t]{0,16}:[ \t]{0,16}"[a-z]/;
const JSON_ARRAY = /^[\ufeff\s]*\[\s*["\]]/;

/** Names the form of a file by its content. The time is linear, and nothing is decoded. */
export function detectForm(bytes: Buffer): FileForm {
  if (KEYSTORE_MAGIC.has(bytes.toString('hex', 0, 4))) return 'JavaKeyStore';
  if (isBinaryDer(bytes)) return derForm(bytes);
  return textForm(decodeText(bytes));
}

/** The form of a file that is text. */
function textForm(text: string): FileForm {
  if (ASSIGNMENT.test(text)) return 'TerraformList';
  const isJson = /^[\ufeff\s]*(?:\{(?!\{)|\[\s*[{[])/.test(text);
  if (isJson ? JSON_MANIFEST.test(text) : YAML_MANIFEST.test(text)) return 'Manifest';
  if (JSON_ARRAY.test(text) || (isJson && hasNamedList(text))) return 'JsonList';
  return text.includes('-----BEGIN ') ? 'Pem' : 'Text';
}

/** True where a text has a member with the name of a list. */
export function hasNamedList(text: string): boolean {
  return LIST_NAMES.some((name) => text.includes(`"${name}"`));
}

/** True for DER and for BER of the containers. The tag of a SEQUENCE is also the digit 0, but the length after it is not text. */
export function isBinaryDer(bytes: Buffer): boolean {
  const [tag, length = 0] = bytes;
  return tag === SEQUENCE && (length >= INDEFINITE || bytes.length === length + 2);
}

function derForm(bytes: Buffer): FileForm {
  switch (derShape(bytes)) {
    case 'pkcs7':
      return 'Pkcs7';
    case 'pkcs12':
      return 'Pkcs12';
    default: {
      // In BER, or damaged: what comes first still names it.
      const size = (bytes[1] ?? 0) & 0x7f;
      const head = bytes.toString('hex', 2 + size, 2 + size + 10);
      if (head.startsWith(SIGNED_DATA_OID)) return 'Pkcs7';
      return head.startsWith(VERSION_3) ? 'Pkcs12' : 'Der';
    }
  }
}
