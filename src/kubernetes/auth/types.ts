/** Certificates of both sides, and the client's key, as PEM text. */

export interface TlsIdentity {
  /** The CAs that may have signed the server's certificate; absent: Node's own list. */
  readonly caPem?: string;
  /** A client certificate, always with its key. */
  readonly certPem?: string;
  readonly keyPem?: string;
}

/** HTTP headers by their names in lower case; a header with several values is sent once for each. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** The address of an API server and the client's identity there. */
export interface Credentials extends TlsIdentity {
  /** URL, with a path where the API is not at the root. */
  readonly server: string;
  /** A function is called before every request, and therefore caches. */
  readonly token?: string | (() => Promise<string | undefined>);
  /** Present where certificates may change. Called before every request and used instead of the fields above; it caches. */
  readonly tls?: () => Promise<TlsIdentity>;
  /** The server answered 401: `token` and `tls` must read their values again before the next use. */
  readonly distrust?: () => void;
  /** The name that the server's certificate must have, if it differs from the one in the URL. */
  readonly tlsServerName?: string;
  /** Sent with every request besides the token: impersonation, user name and password. Called before each request; it caches. */
  readonly headers?: () => Promise<Headers>;
  /** True: the server's certificate is not verified. */
  readonly insecure?: boolean;
  /** URL of the proxy to the server: `http:`, `https:` or `socks5:`. */
  readonly proxyUrl?: string;
}

/** Credentials of the management cluster, and the namespace of the pod or of the kubeconfig's context. */
export interface OwnCredentials extends Credentials {
  readonly namespace?: string;
}
