/** The tokens of a full bucket, and the refill per second. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** The tokens in a bucket at a time, in ms. A negative number counts callers that wait for tokens. */
export interface Level {
  tokens: number;
  at: number;
}

/** Adds the tokens of the time since the level was last read. */
export function refill(level: Level, { burst, perSecond }: Rate, now: number): void {
  // A clock that was set back neither adds nor removes tokens.
  const passed = Math.max(0, now - level.at);
  level.tokens = Math.min(burst, level.tokens + (passed / 1000) * perSecond);
  level.at = now;
}

/** Time until the bucket has `wanted` tokens, in ms. */
export function untilTokens({ tokens }: Level, { perSecond }: Rate, wanted: number): number {
  return tokens >= wanted ? 0 : Math.ceil(((wanted - tokens) / perSecond) * 1000);
}
