// Puts the files of docs/examples into the pages that show them, so that no shown program is another than the one that runs.
//   npm run docs:include   writes README.md and docs/**/*.md anew; test/examples/shown.test.ts says when that is due
// A page asks for a file, or for what a file prints, with a comment in front of the block:
//   <!-- docs/examples/readme.ts -->         the program, without its comment about what it prints
//   <!-- prints docs/examples/readme.ts -->  that comment
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const block =
  /(<!-- (prints )?(docs\/examples\/[\w/.-]+) -->\n)```\w*\n[^]*?^```$/gm;

/** The text of a page with every block as its file has it. */
export const included = (page) =>
  page.replace(block, (_, marker, prints, file) => {
    const [program, output] = readFileSync(join(root, file), 'utf8').split(
      /\n*\/\* prints\n/,
    );
    return prints === undefined
      ? `${marker}\`\`\`ts\n${program.trimEnd()}\n\`\`\``
      : `${marker}\`\`\`text\n${(output ?? '').replace(/\n\*\/\s*$/, '')}\n\`\`\``;
  });

/** README.md and the pages under docs, as paths from the root. */
export const pages = () => [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) =>
      relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
    )
    .filter((path) => !path.startsWith('docs/site/'))
    .sort(),
];

if (process.argv.includes('--write')) {
  for (const path of pages()) {
    const before = readFileSync(join(root, path), 'utf8');
    const after = included(before);
    if (after === before) continue;
    writeFileSync(join(root, path), after);
    console.log(`written: ${path}`);
  }
}
