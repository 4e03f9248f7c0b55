import type { JsonNode } from './syntax.ts';

/** The text exactly as written. */
export function printJson(node: JsonNode): string {
  switch (node.kind) {
    case 'scalar':
      return node.text;
    case 'object':
      return `{${node.inside}${node.members.map((m) => m.before + m.keyText + m.colon + printJson(m.value) + m.after).join(',')}}`;
    case 'array':
      return `[${node.inside}${node.items.map((i) => i.before + printJson(i.value) + i.after).join(',')}]`;
  }
}

/** The text without blanks between tokens: equal for two nodes that differ in blanks only. */
export function printCompact(node: JsonNode): string {
  switch (node.kind) {
    case 'scalar':
      return node.text;
    case 'object':
      return `{${node.members.map((m) => `${m.keyText}:${printCompact(m.value)}`).join(',')}}`;
    case 'array':
      return `[${node.items.map((i) => printCompact(i.value)).join(',')}]`;
  }
}
