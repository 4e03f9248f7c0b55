/**
 * Does the work, and explains in a sentence where members of an answer have wrong types. An API server checks types; a proxy or
 * another server in its place may not.
 *
 * @throws Error with a message for a person
 */
export async function explainingWrongTypes<T>(server: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new Error(
      `${server} returned objects that do not fit this version of aks-ca-trust: a member has a wrong type. Check that the CRDs are those of this version, and that this address is an API server`,
      { cause: error },
    );
  }
}
