import { goBlocks } from './go-pem.ts';
import type { NodeBlock } from './node-block.ts';
import { opensslBlocks } from './openssl-pem.ts';
import { p11KitBlocks } from './p11-kit-pem.ts';

/** The certificates that the programs on a node find in a file, in the order of Go. */
export interface NodeReading {
  /** Certificates that all of them find. */
  readonly common: readonly NodeBlock[];
  /** Number of certificates that each program finds. */
  readonly counts: { readonly go: number; readonly openssl: number; readonly p11Kit: number };
}

/**
 * Reads a file as the programs on a node do: Go programs (containerd, the kubelet), programs with OpenSSL, and p11-kit, which
 * makes the bundle of Azure Linux. `text` has one character per byte. Only the blocks are read, not their content.
 */
export function readOnNodes(text: string): NodeReading {
  const go = goBlocks(text);
  const openssl = opensslBlocks(text);
  const p11Kit = p11KitBlocks(text);
  const [byOpenssl, byP11Kit] = [base64Of(openssl), base64Of(p11Kit)];
  return {
    common: go.filter(({ base64 }) => byOpenssl.has(base64) && byP11Kit.has(base64)),
    counts: { go: go.length, openssl: openssl.length, p11Kit: p11Kit.length },
  };
}

function base64Of(blocks: readonly NodeBlock[]): ReadonlySet<string> {
  return new Set(blocks.map(({ base64 }) => base64));
}

/** The text without these blocks, which follow each other in it. */
export function withoutBlocks(text: string, blocks: readonly NodeBlock[]): string {
  let [left, at] = ['', 0];
  for (const { start, end } of blocks) {
    left += text.slice(at, start);
    at = end;
  }
  return left + text.slice(at);
}
