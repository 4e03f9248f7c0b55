const LIST = /,?"customCATrustCertificates":\s*(\[[^\]]*\])/;

/** A cluster's text without the list of certificates, and the list. */
export function takeOutList(text: string): { readonly rest: string; readonly list: readonly string[] } {
  const found = LIST.exec(text)?.[1];
  return { rest: text.replace(LIST, ''), list: found === undefined ? [] : (JSON.parse(found) as string[]) };
}
