import { escapeForDisplay } from '../../api/display.ts';
import { spelledOut } from '../../api/spelled-out.ts';
import type { NodeResult } from './types.ts';

/**
 * The folder under which AKS installs its custom CAs, by the node's label `kubernetes.azure.com/os-sku`. It exists whether or not
 * the cluster has any. github.com/Azure/AgentBaker, parts/linux/cloud-init/artifacts/update_certs.service,
 * and its variants in mariner/, acl/ and flatcar/
 */
const FOLDERS: readonly { readonly sku: RegExp; readonly folder: string }[] = [
  { sku: /^ubuntu/i, folder: '/usr/local/share/ca-certificates' },
  { sku: /^(azurelinux|cblmariner|mariner)/i, folder: '/usr/share/pki/ca-trust-source' },
  { sku: /^(azurecontainerlinux|acl)/i, folder: '/etc/pki/ca-trust/source' },
  { sku: /^flatcar/i, folder: '/etc/ssl/certs' },
];

/** Undefined for an unknown operating system. A node without the label counts as Ubuntu, the default of AKS. */
export function trustFolder(osSku: string): string | undefined {
  return FOLDERS.find(({ sku }) => sku.test(osSku === '' ? 'Ubuntu' : osSku))?.folder;
}

/** First line of the output of {@link TRUST_STORE_SCRIPT}; other text was not written by it. */
const HEADING = 'trust-store/1';

/** Larger files are not read, in bytes. A file of AKS holds one element, and AKS refuses larger elements. */
const LARGEST_FILE = 262_144;
/** More files are not read. AKS writes one for each of ten elements at most. */
const MOST_FILES = 64;

/**
 * Writes, into the file that is its first argument, the fingerprints of the custom CAs under the folder that is its second,
 * one a line: SHA-256 of each certificate's DER, at most 55 of them, so that it fits the 4096 bytes of a termination message.
 * kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure
 *
 * It reads a file as strictly as the programs on the node do: BEGIN and END stand alone in their lines, between them are base64
 * and blanks only, and at the first block that is malformed it stops, as OpenSSL does. What is on a node may be anything, so
 * nothing is read that is large, and each line is bounded before it is trimmed.
 */
export const TRUST_STORE_SCRIPT = `set -u
LC_ALL=C
out=$1 folder=$2 cr=$(printf '\\r') tab=$(printf '\\t') count=0 files=0
say() {
  count=$((count + 1))
  if [ "$count" -le 55 ]; then echo "$1" >>"$out"; elif [ "$count" -eq 56 ]; then echo '!truncated' >>"$out"; fi
}
decode() {
  data=$(printf %s "$body" | tr -d ' \\t')
  case $data in ''|*=[!=]*) return 1 ;; esac
  [ $((\${#data} % 4)) -eq 0 ] && printf %s "$data" | base64 -d >/dev/null 2>&1
}
echo '${HEADING}' >"$out"
for file in "$folder"/aks-custom-* "$folder"/*/aks-custom-*; do
  [ -f "$file" ] || continue
  files=$((files + 1))
  if [ "$files" -gt ${MOST_FILES} ]; then echo '!truncated' >>"$out"; break; fi
  if ! [ -r "$file" ] || [ "$(wc -c <"$file")" -gt ${LARGEST_FILE} ]; then say '!unreadable'; continue; fi
  if [ "$(tr -d '\\000' <"$file" | wc -c)" -ne "$(wc -c <"$file")" ]; then say '!unreadable'; continue; fi
  body= inside= end=yes
  while IFS= read -r line || { end=; [ -n "$line" ]; }; do
    [ -z "$end" ] || line=\${line%"$cr"}
    if [ "\${#line}" -le 256 ]; then
      blanks=\${line##*[! "$tab"]}
      line=\${line%"$blanks"}
    fi
    case $line in
      '-----BEGIN CERTIFICATE-----')
        if [ -n "$inside" ]; then inside=bad; break; fi
        body= inside=yes ;;
      '-----END CERTIFICATE-----')
        [ -n "$inside" ] || continue
        if ! decode; then inside=bad; break; fi
        sum=$(printf %s "$data" | base64 -d | sha256sum)
        say "\${sum%% *}"
        inside= ;;
      *)
        [ -n "$inside" ] || continue
        case $line in *[!A-Za-z0-9+/=\\ "$tab"]*) inside=bad; break ;; esac
        if [ -z "$line" ] && [ -n "$body" ]; then inside=bad; break; fi
        body=$body$line ;;
    esac
  done <"$file"
  [ -z "$inside" ] || say '!unreadable'
done
`;

const FINGERPRINT = /^[0-9a-f]{64}$/;
/** Most certificates that a message names. */
const NAMED = 3;

/**
 * Compares the script's output with the cluster's list: subject by fingerprint. With `complete` false the list has elements that
 * cannot be read, so an extra certificate on the node proves nothing.
 */
export function judgeTrustStore(output: string, expected: ReadonlyMap<string, string>, complete: boolean): NodeResult {
  const [heading, ...lines] = output.trimEnd().split('\n');
  const odd = lines.find((line) => !FINGERPRINT.test(line) && line !== '!unreadable' && line !== '!truncated');
  if (heading !== HEADING || odd !== undefined) {
    const shown = escapeForDisplay(odd ?? heading ?? '');
    return { outcome: 'Unclear', message: `unexpected output of the check: ${shown}` };
  }
  const found = new Set(lines);
  const missing = [...expected].filter(([fingerprint]) => !found.has(fingerprint));
  const extra = [...found].filter((line) => FINGERPRINT.test(line) && !expected.has(line));
  if (missing.length > 0) {
    const named = names(missing.map(([fingerprint, subject]) => `${subject} (${fingerprint.slice(0, 16)})`));
    const blind = found.has('!unreadable')
      ? 'some of its files cannot be read without root'
      : found.has('!truncated')
        ? 'it has more certificates than the check can write'
        : undefined;
    const lacks = `its trust store does not have ${missing.length} of ${expected.size} certificates: ${named}`;
    return blind === undefined
      ? { outcome: 'Untrusted', message: lacks }
      : { outcome: 'Unclear', message: `${lacks}; but ${blind}` };
  }
  if (complete && extra.length > 0) {
    const named = names(extra.map((fingerprint) => fingerprint.slice(0, 16)));
    const message = `its trust store has ${extra.length} of AKS' certificates that are no longer in the list: ${named}`;
    return { outcome: 'Untrusted', message };
  }
  return { outcome: 'Trusted', message: `its trust store has all ${expected.size} certificates` };
}

function names(all: readonly string[]): string {
  return spelledOut(
    all.map((name) => escapeForDisplay(name)),
    NAMED,
  );
}
