/** Characters; a token of kube-apiserver has some hundred. */
const LONGEST_TOKEN = 8192;

/**
 * Follows the pages of one list, whose server may never end it.
 *
 * @param fault makes the error for a list that does not end within `mostPages`
 * @returns a function to call once for each page with its `metadata.continue`: the token of the next page, undefined at the end
 */
export function followPages(mostPages: number, fault: (why: string) => Error): (token: unknown) => string | undefined {
  const tokens = new Set<string>();
  let page = 0;
  return (token) => {
    page += 1;
    if (token === undefined || token === null || token === '') return undefined;
    if (typeof token !== 'string') throw fault('the list continues with a token that is no text');
    if (token.length > LONGEST_TOKEN) throw fault(`the list continues with a token of ${token.length} characters`);
    if (tokens.has(token)) throw fault(`the list does not end: page ${page} continues as an earlier page did`);
    if (page >= mostPages) throw fault(`the list does not end: ${mostPages} pages had arrived`);
    tokens.add(token);
    return token;
  };
}
