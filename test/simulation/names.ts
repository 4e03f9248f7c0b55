/** Of the API; written out, because the API is what histories hold src to. */
export const RECONCILE_REQUESTED_AT = 'aks-ca-trust.dev/reconcile-requested-at';
export const API_VERSION = 'aks-ca-trust.dev/v1alpha1';
