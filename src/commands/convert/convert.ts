import type { Certificate } from '../../certificates/certificate.ts';
import { toArmJson, toAzureCliFile, toPem, toTerraform } from '../../certificates/formats/write-list.ts';
import { judgeFilesList } from '../lint/clusters.ts';
import type { Content, InputFile } from '../lint/files.ts';
import type { LintFinding } from '../lint/finding.ts';
import { lintInputs } from '../lint/lint.ts';
import type { LintOptions } from '../lint/lint-file.ts';
import type { ConvertRequest } from './request.ts';
import { toManifest } from './to-manifest.ts';

/** What is written, and what a person should know; without a text nothing is written. */
export interface Conversion {
  readonly text: string | undefined;
  readonly findings: readonly LintFinding[];
}

/** What a conversion resolves by itself, and what all inputs together decide. */
const RESOLVED: ReadonlySet<string> = new Set(['Duplicate', 'RetiredPreview']);
const OF_ONE_FILE: ReadonlySet<string> = new Set(['LimitExceeded', 'IssuerMissing', 'Superseded']);

/** Converts the certificates of files. Never throws. */
export function convertFiles(
  inputs: readonly InputFile[],
  read: (name: string) => Content,
  to: ConvertRequest['to'],
  options: LintOptions,
): Conversion {
  const { placed, findings: all } = lintInputs(inputs, read, options);
  const unique = [...new Map(placed.map((one) => [one.certificate.fingerprint, one])).values()];
  const findings = [
    ...all.filter(({ severity, code }) => severity !== 'Note' && !RESOLVED.has(code) && !OF_ONE_FILE.has(code)),
    // Any number of certificates fits into PEM.
    ...judgeFilesList(unique, 'Error').filter(({ code }) => to.form !== 'pem' || code !== 'LimitExceeded'),
  ];
  if (findings.some(({ severity }) => severity === 'Error')) return { text: undefined, findings };
  const certificates = unique.map(({ certificate }) => certificate);
  if (certificates.length > 0) return { text: write(certificates, to), findings };
  const none: LintFinding = {
    file: inputs[0]?.name ?? '-',
    line: 1,
    severity: 'Error',
    code: 'NothingFound',
    message: NONE,
  };
  return { text: undefined, findings: [...findings, none] };
}

function write(certificates: readonly Certificate[], to: ConvertRequest['to']): string {
  switch (to.form) {
    case 'pem':
      return toPem(certificates);
    case 'az-file':
      return toAzureCliFile(certificates);
    case 'arm-json':
      return toArmJson(certificates);
    case 'terraform':
      return toTerraform(certificates);
    case 'manifest':
      return toManifest(certificates, to.names);
  }
}

const NONE = 'There is no certificate in the input.';
