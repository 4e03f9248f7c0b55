import { randomBytes } from 'node:crypto';
import type { JSONWebKeySet, JWK } from 'jose';
import type { Random } from '../random.ts';

/** The rights of a client: actions with `*` as wildcard, at a scope and everything under it. */
export interface Role {
  /** `/` for everything, or an id such as `/subscriptions/…/resourceGroups/rg`; compared without case. */
  readonly scope: string;
  readonly actions: readonly string[];
}

/** The issuer and subject of tokens that a client may sign in with instead of a secret. */
export interface FederatedCredential {
  readonly clientId: string;
  readonly issuer: string;
  readonly subject: string;
  /** Default `api://AzureADTokenExchange`. */
  readonly audience?: string;
  /** The issuer's keys. A public key as JWK stands for a set of one. */
  readonly keys: JSONWebKeySet | JWK;
}

/** An application and its service principal. */
export interface DirectoryClient {
  readonly clientId: string;
  readonly objectId: string;
  readonly clientSecret: string;
  /** Object ids of the groups it is a member of. */
  readonly groups: readonly string[];
  roles: readonly Role[];
  readonly federated: FederatedCredential[];
}

/** The tenant's directory: its clients and what they may do. */
export interface Directory {
  readonly tenantId: string;
  /** Adds a client; ids and secret are made up where none are given. The secret does not come from the seed, so that it cannot be guessed. Throws when there is one of this id. */
  add(client: {
    roles: readonly Role[];
    clientId?: string;
    clientSecret?: string;
    groups?: readonly string[];
  }): DirectoryClient;
  find(clientId: string): DirectoryClient | undefined;
  /** Throws when the client is unknown. */
  get(clientId: string): DirectoryClient;
}

export const OWNER: readonly Role[] = [{ scope: '/', actions: ['*'] }];

export function makeDirectory(random: Random): Directory {
  const clients = new Map<string, DirectoryClient>();
  const find = (clientId: string) => clients.get(clientId.toLowerCase());
  return {
    tenantId: random.guid(),
    add({ roles, clientId = random.guid(), clientSecret = randomBytes(30).toString('base64url'), groups = [] }) {
      if (find(clientId) !== undefined) throw new Error(`There is a client ${clientId} already`);
      const client: DirectoryClient = { clientId, objectId: random.guid(), clientSecret, groups, roles, federated: [] };
      clients.set(clientId.toLowerCase(), client);
      return client;
    },
    find,
    get(clientId) {
      const client = find(clientId);
      if (client === undefined) throw new Error(`No client ${clientId}`);
      return client;
    },
  };
}
