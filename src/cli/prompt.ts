import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** What is typed is shown nowhere. */
const nowhere = (): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });

/** Asks a person at the terminal; the question goes to stderr, since stdout is for data. Ctrl-C leaves at once. */
export const prompt = (question: string, isHidden: boolean): Promise<string> =>
  new Promise((resolve) => {
    // On the screen first: from the next line on nothing that is typed is echoed.
    const output = isHidden ? nowhere() : process.stderr;
    const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
    let answer = '';
    lines.once('SIGINT', () => {
      lines.close();
      if (isHidden) process.stderr.write('\n');
      process.exit(130);
    });
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
    lines.once('close', () => {
      if (isHidden) process.stderr.write('\n');
      process.stdin.pause();
      resolve(answer);
    });
    if (isHidden) process.stderr.write(question);
    else {
      lines.setPrompt(question);
      lines.prompt();
    }
  });
