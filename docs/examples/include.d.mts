/** The text of a page with every block as its file has it. */
export declare const included: (page: string) => string;
/** README.md and the pages under docs, as paths from the root. */
export declare const pages: () => readonly string[];
