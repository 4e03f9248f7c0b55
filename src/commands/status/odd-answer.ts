/**
 * Does the work, and says so in a sentence where members of an answer are of other types than the API has them: an API server
 * checks them, and what answers in its place may not.
 *
 * @throws Error with a message for a person
 */
export async function sayingWhatIsOdd<T>(server: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new Error(
      `${server} answers with objects that are none of this version of aks-ca-trust: a member has another type than it should have. Check that the CRDs are those of this version, and that this is an API server`,
      { cause: error },
    );
  }
}
