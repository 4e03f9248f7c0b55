import { systemClock } from '../../runtime/clock.ts';
import { interruptible } from '../client/interruptible.ts';
import { EXIT } from '../exit-codes.ts';
import { filesOf, readContent, type Content } from '../lint/files.ts';
import type { Found } from '../lint/finding.ts';
import { readPassword } from '../lint/password.ts';
import { lineOf } from '../lint/print.ts';
import { convertFiles, type Conversion } from './convert.ts';
import type { ConvertRequest } from './request.ts';

/**
 * Writes certificates in another form to standard output, and findings to standard error. Resolves with the exit code.
 *
 * @throws Error with a message for a person
 */
export function runConvert(request: ConvertRequest): Promise<number> {
  return interruptible(async (output, signal) => {
    const { text, findings } = await convert(request, signal);
    for (const finding of findings) output.warn(`${lineOf(finding, false)}\n`);
    if (text === undefined) return EXIT.Stuck;
    output.write(text);
    return EXIT.Done;
  });
}

async function convert({ input, to }: ConvertRequest, signal: AbortSignal): Promise<Conversion> {
  const now = systemClock.now();
  if (input.kind === 'Files')
    return convertFiles(filesOf(input.paths), readContent, to, { now, password: readPassword(input.password) });
  const { readList } = await import('./from-cluster.ts');
  const elements = await readList(input.azure, input.id, () => systemClock.now(), signal);
  if (elements.length === 0) return { text: undefined, findings: [{ file: input.id.name, ...EMPTY }] };
  const list: Content = { kind: 'bytes', bytes: Buffer.from(JSON.stringify(elements, undefined, 1)) };
  return convertFiles([{ name: input.id.name, named: true }], () => list, to, { now });
}

const EMPTY: Found = { line: 1, severity: 'Error', code: 'Empty', message: "The cluster's list has no certificate." };
