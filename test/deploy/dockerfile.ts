import { readFileSync } from 'node:fs';

/** The Dockerfile's instructions of one name, in order, without continued lines and heredocs, which it has none of. */
export function instructions(name: string): string[] {
  const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8').replaceAll('\\\n', ' ');
  return text.split('\n').flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1).trim()] : []));
}

/** What the image starts: node, its flags, the bundle. */
export function entrypoint(): { node: string; flags: string[]; program: string } {
  const words = JSON.parse(instructions('ENTRYPOINT')[0] ?? '[]') as string[];
  return { node: words[0] ?? '', flags: words.slice(1, -1), program: words.at(-1) ?? '' };
}

/** The variables that the image sets. */
export function environment(): Record<string, string> {
  const words = instructions('ENV').flatMap((line) => line.split(/\s+/));
  return Object.fromEntries(words.map((word) => [word.split('=')[0] ?? '', word.split('=').slice(1).join('=')]));
}
