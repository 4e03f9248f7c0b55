import { passed, unknown, warned, type PreflightCheck } from './check.ts';

/** There is no time in which the CAs of before and after are both valid, so every copy of the present one fails at once. */
export const consumers: PreflightCheck = {
  name: 'Consumers',
  check({ dependents }) {
    if (dependents === undefined)
      return unknown(
        'No search for copies of the cluster CA was made, and every copy fails with the rotation. Set spec.findConsumers, or search with aks-ca-trust certs --scan.',
      );
    if (dependents === 0) return passed('Nothing that was searched holds the cluster CA.');
    const [parts, need] =
      dependents === 1 ? ['1 part of an object', 'needs'] : [`${dependents} parts of objects`, 'need'];
    return warned(
      `${parts} with the present CA, or with a token that does not change, ${need} another one after the rotation, and fail until then. See status.consumers.`,
    );
  },
};
