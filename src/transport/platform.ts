/** What a platform brings: a way to fetch and, where it can see them, its cookies. */
export interface Platform {
  readonly fetch: typeof globalThis.fetch;
  /** The `JSESSIONID` that goes with the next request; absent where cookies cannot be seen. */
  readonly sessionId?: () => string | undefined;
  /** Forgets the `JSESSIONID`. */
  readonly forgetSession?: () => void;
}
