import { describeLostCall } from './lost-call.ts';
import type { ArmTransport } from './transport.ts';

/** How long the token for ARM lasts, before something begins that takes long. */
export type TokenLife =
  /** `endsAt`: ms since the epoch. */
  | { readonly ok: true; readonly endsAt: number }
  /** It ends soon, and there is no other one. `message`: why signing in has failed, without a capital; it quotes no request. */
  | { readonly ok: false; readonly message: string };

const MINUTE = 60_000;
/** A token that lasts less than this, in ms, is renewed: a rotation takes up to 30 minutes, and more where it does not go well. */
const ENOUGH = 60 * MINUTE;
/** The shortest time between two renewals, in ms, whatever came of the last one: many tokens last no longer than an hour. */
const APART = [5 * MINUTE, MINUTE] as const;

/**
 * Makes sure that the token for ARM lasts for a while, as far as that is possible. Undefined where the transport does not show its token.
 *
 * @param now ms since the epoch
 */
export function createTokenLife(
  { token }: Pick<ArmTransport, 'token'>,
  now: () => number,
): () => Promise<TokenLife | undefined> {
  let last: { readonly at: number; readonly life: TokenLife } | undefined;
  let asking: Promise<TokenLife> | undefined;

  /** All that need a token wait for the same sign-in, which ends by its own deadline. */
  async function renew(renewal: Promise<number>): Promise<TokenLife> {
    try {
      return { ok: true, endsAt: await renewal };
    } catch (error) {
      return { ok: false, message: describeLostCall(error).message };
    } finally {
      asking = undefined;
    }
  }

  return async () => {
    if (!token) return undefined;
    const endsAt = token.endsAt();
    if (endsAt !== undefined && endsAt - now() >= ENOUGH) return { ok: true, endsAt };
    if (last && Math.abs(now() - last.at) < APART[last.life.ok ? 0 : 1]) return last.life;
    const life = await (asking ??= renew(token.renew()));
    last = { at: now(), life };
    return life;
  };
}
