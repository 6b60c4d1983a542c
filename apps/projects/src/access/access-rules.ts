/** What the settings say about access; injected by this class. */
export abstract class AccessRules {
  /** For each account and each address without one; 0 for no limit. */
  abstract readonly requestsPerSecond: number;
}
