import { readContent } from './files.ts';
import type { PasswordSource } from './request.ts';

/**
 * The password of a PKCS#12 file: the first line of the file, as openssl reads it.
 *
 * @throws Error with a message for a person, which does not quote the file
 */
export function readPassword({ file, value }: PasswordSource): string | undefined {
  if (file === undefined) return value;
  const content = readContent(file);
  if (content.kind === 'unreadable') throw new Error(`The file of --password-file cannot be read: ${content.why}`);
  if (content.kind === 'too-large') throw new Error('The file of --password-file is too large to be a password');
  return content.bytes.toString('utf8').split(/\r?\n/, 1)[0];
}
