import { createScanner, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { InvalidAnswerError } from './cluster-model.ts';

/** Deeper than any model of AKS by far, and shallow enough for a parser that recurses. */
const DEEPEST = 500;

/** One element of the new list: one that stays, by its index in the list of the GET, or a new one. */
export type ListItem =
  { readonly keep: number; readonly add?: undefined } | { readonly add: string; readonly keep?: undefined };

/**
 * The text of a GET with `properties.securityProfile.customCATrustCertificates` replaced and nothing else changed: numbers,
 * unknown members, order and spelling stay, and so does the spelling of the elements that stay.
 * Throws {@link InvalidAnswerError} where a member comes twice, and where the text could not be read completely.
 */
export function replaceList(text: string, items: readonly ListItem[]): string {
  const root = parse(text);
  const properties = member(root, 'properties');
  if (properties?.type !== 'object') throw new InvalidAnswerError("ARM's answer has no object at properties");

  const profile = member(properties, 'securityProfile');
  if (profile === undefined)
    return insert(text, properties, `"securityProfile":{"customCATrustCertificates":${array([])}}`);
  if (profile.type === 'null') return splice(text, profile, `{"customCATrustCertificates":${array([])}}`);
  if (profile.type !== 'object')
    throw new InvalidAnswerError("ARM's answer has no object at properties.securityProfile");

  const list = member(profile, 'customCATrustCertificates');
  if (list === undefined) return insert(text, profile, `"customCATrustCertificates":${array([])}`);
  if (list.type !== 'array' && list.type !== 'null')
    throw new InvalidAnswerError("ARM's answer has no array at customCATrustCertificates");
  return splice(text, list, array(list.children ?? []));

  function array(before: readonly Node[]): string {
    const elements = items.map((item) => {
      if (item.add !== undefined) return JSON.stringify(item.add);
      const node = before[item.keep];
      if (!node) throw new RangeError(`the list has no element ${item.keep} to keep`);
      return text.slice(node.offset, node.offset + node.length);
    });
    return `[${elements.join(',')}]`;
  }
}

function parse(text: string): Node {
  // Bytes that are not UTF-8 are read as this character. Sending it back would change the cluster's model.
  const unreadable = text.indexOf('\ufffd');
  if (unreadable >= 0) throw new InvalidAnswerError(`ARM's answer is not UTF-8 at character ${unreadable}`);
  refuseDeepNesting(text);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  if (root?.type !== 'object') throw new InvalidAnswerError("ARM's answer is not a JSON object");
  // The parser goes on after an error and guesses the rest.
  if (errors[0]) throw new InvalidAnswerError(`ARM's answer is not JSON at character ${errors[0].offset}`);
  return root;
}

function refuseDeepNesting(text: string): void {
  const scanner = createScanner(text, true);
  let depth = 0;
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const first = text[scanner.getTokenOffset()];
    if (first === '{' || first === '[') depth += 1;
    if (first === '}' || first === ']') depth -= 1;
    if (depth > DEEPEST) throw new InvalidAnswerError(`ARM's answer is nested more than ${DEEPEST} levels deep`);
  }
}

function member(object: Node, name: string): Node | undefined {
  const found = (object.children ?? []).filter((property) => property.children?.[0]?.value === name);
  if (found.length > 1) throw new InvalidAnswerError(`ARM's answer has the member ${name} ${found.length} times`);
  return found[0]?.children?.[1];
}

function splice(text: string, node: Node, replacement: string): string {
  return text.slice(0, node.offset) + replacement + text.slice(node.offset + node.length);
}

function insert(text: string, object: Node, property: string): string {
  const end = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  if (!last) return `${text.slice(0, end)}${property}${text.slice(end)}`;
  const after = last.offset + last.length;
  return `${text.slice(0, after)},${property}${text.slice(after)}`;
}
