/** Certificates of both sides, and our key, as PEM text. */

export interface TlsIdentity {
  /** Who may have signed the server's certificate; absent: Node's own list. */
  readonly caPem?: string;
  /** A client certificate, always with its key. */
  readonly certPem?: string;
  readonly keyPem?: string;
}

/** HTTP headers by their names in lower case; a header with several values is sent once for each. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** The address of an API server and our identity there. */
export interface Credentials extends TlsIdentity {
  /** URL, with a path where the API is not at the root. */
  readonly server: string;
  /** Asked before every request when it is a function, which therefore caches. */
  readonly token?: string | (() => Promise<string | undefined>);
  /** Present where certificates may change; asked before every request instead of the fields above, and therefore caches. */
  readonly tls?: () => Promise<TlsIdentity>;
  /** The server did not believe us (401): what `token` and `tls` remember is to be read anew before it is handed out again. */
  readonly distrust?: () => void;
  /** The name the server's certificate is checked against, if it is not the one in the URL. */
  readonly tlsServerName?: string;
  /** Sent with every request besides the token: impersonation, user name and password. Asked before each, and therefore caches. */
  readonly headers?: () => Promise<Headers>;
  /** True: the server's certificate is not verified. */
  readonly insecure?: boolean;
  /** URL of the proxy that leads to the server: `http:`, `https:` or `socks5:`. */
  readonly proxyUrl?: string;
}

/** Our own cluster's credentials, and the namespace we run in or that the kubeconfig's context names. */
export interface OwnCredentials extends Credentials {
  readonly namespace?: string;
}
