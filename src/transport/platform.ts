/** As much of fetch as the library uses. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** What a platform brings: a way to fetch and, where it can see them, its cookies. */
export interface Platform {
  /** Follows no redirect to another origin: credentials go to their own alone. */
  readonly fetch: Fetch;
  /** The `JSESSIONID` that goes with the next request; absent where cookies cannot be seen. */
  readonly sessionId?: () => string | undefined;
  /** Forgets the `JSESSIONID`. */
  readonly forgetSession?: () => void;
}
