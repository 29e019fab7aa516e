import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './running.js';

/** An `@example` of a comment in src. */
export interface Docstring {
  /** `src/operators/settle.ts:23` */
  readonly where: string;
  readonly program: string;
  /** What its comments say after `console.log(…); //`, one line each. */
  readonly prints: readonly string[];
}

/** All of them, from every file of src. */
export const docstrings = (): readonly Docstring[] =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => {
      const source = readFileSync(join(root, 'src', file), 'utf8');
      return [...source.matchAll(/^( *)\* @example\n([^]*?)^ *\*(?:\/| @)/gm)].map(([, , text = ''], index) => {
        const lines = text.split('\n').map((line) => line.replace(/^ *\* ?/, ''));
        const program = /^```ts\n([^]*?)^```/m.exec(lines.join('\n'))?.[1] ?? '';
        const comments = [...program.matchAll(/console\.log\([^]*?\/\/ (.*)$/gm)].map(([, said = '']) => said);
        return {
          where: `src/${file.replaceAll('\\', '/')} example ${String(index + 1)}`,
          program,
          prints: comments.flatMap((said) => said.split(', ')),
        };
      });
    });
