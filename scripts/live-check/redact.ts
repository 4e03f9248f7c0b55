/** Hosts that everybody has: they stay. */
const PUBLIC_HOST = /^(?:aka\.ms|(?:[\w-]+\.)*(?:microsoft\.com|management\.azure\.com|kubernetes\.io))$/i;

/**
 * Takes out of a text what says whose cluster it is or grants access: ids, names, hosts, addresses, tokens, queries of URLs. The same
 * thing has the same name everywhere, so that what belongs together still shows.
 *
 * @param names what is known of the cluster, such as its name and resource groups, with the word that takes its place
 */
export function createRedaction(names: Readonly<Record<string, string>>): (text: string) => string {
  const known = Object.entries(names).filter(([name]) => name !== '');
  // A name that is part of another goes last.
  known.sort(([a], [b]) => b.length - a.length);
  const numbers = new Map<string, number>();
  const numbered = (kind: string) => (found: string) => {
    const key = `${kind} ${found.toLowerCase()}`;
    if (!numbers.has(key))
      numbers.set(key, [...numbers.keys()].filter((other) => other.startsWith(`${kind} `)).length + 1);
    return `<${kind}-${numbers.get(key)}>`;
  };
  return (text) => {
    let redacted = text
      .replace(/eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, '<token>')
      .replace(/(https?:\/\/[^\s"'?]+)\?[^\s"')]*/g, '$1?<query>');
    for (const [name, word] of known) redacted = redacted.replaceAll(new RegExp(escapeRegExp(name), 'gi'), `<${word}>`);
    return redacted
      .replace(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi, numbered('guid'))
      .replace(
        /(\/providers\/[\w.]+\/\w+\/)([^/\s"',<>)]+)/g,
        (_, path: string, name: string) => path + numbered('resource')(name),
      )
      .replace(/\baks-[\da-z]+-\d+-vmss[\da-z]+\b/gi, numbered('node'))
      .replace(/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, '<mail>')
      .replace(/\b(?:[\w-]+\.)+(?:azmk8s\.io|azmk8s\.us|azk8s\.cn|azure\.us)\b/gi, numbered('host'))
      .replace(/\b[\w-]+\.onmicrosoft\.com\b/gi, numbered('tenant'))
      .replace(/(https?:\/\/)([\w.-]+)/gi, (url, scheme: string, host: string) =>
        PUBLIC_HOST.test(host) ? url : scheme + numbered('host')(host),
      )
      .replace(
        /(?<![\w:])(?:(?:[\da-f]{1,4}:){3,7}[\da-f]{1,4}|(?:[\da-f]{1,4}:)+(?::[\da-f]{1,4})*:?)(?![\w:])/gi,
        (found) => (/::|(?:[^:]+:){3}/.test(found) ? numbered('address')(found) : found),
      )
      .replace(/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, numbered('address'));
  };
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
