import { VERSION } from '../../api/version.ts';
import type { LintFinding, Severity } from './finding.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  Error: 'error',
  Warning: 'warning',
  Note: 'note',
};

/** The log of SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0) that code scanning of GitHub and Azure DevOps read. */
export function toSarif(findings: readonly LintFinding[]): unknown {
  const rules = [...new Set(findings.map(({ code }) => code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'aks-ca-trust', version: VERSION, rules: rules.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ file, line, column, severity, code, message, fix }) => ({
          ruleId: code,
          ruleIndex: rules.indexOf(code),
          level: LEVELS[severity],
          message: { text: fix === undefined ? message : `${message} ${fix}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) },
              },
            },
          ],
        })),
      },
    ],
  };
}

/** A path relative to the current folder is a relative reference. Standard input has no path. */
function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  const path = file.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  return path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
}
