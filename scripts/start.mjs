/**
 * Starts the program beside the file that was named: `main.ts` runs `main-program.ts`. An older Node.js refuses the name of a .ts file
 * before it runs a line of it. The files that people start are therefore links to this one, which any Node.js reads, and an older one
 * is refused in a line of text.
 */
import { pathToFileURL } from 'node:url';

await import(new URL('needs-node.mjs', import.meta.url).href);
await import(pathToFileURL(String(process.argv[1]).replace(/\.ts$/, '-program.ts')).href);
