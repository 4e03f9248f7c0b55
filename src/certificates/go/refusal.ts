/** Thrown inside of this folder where Go's parser fails; `message` says why and follows "Go programs do not use it: ". */
export class Refusal extends Error {}

export function refuse(why: string): never {
  throw new Refusal(why);
}
