import { readFile } from 'node:fs/promises';
import { Misuse } from './misuse.js';

/** The options that say how to reach the server. */
export interface ServerOptions {
  readonly passwordFile?: string;
}

/** Where Web Services are, and who asks. */
export interface Server {
  readonly baseUrl: string;
  readonly auth: { readonly username: string; readonly password: string };
}

/** The URL of Web Services. */
export const baseUrl = (): string => {
  const { GWS_URL = '' } = process.env;
  if (GWS_URL === '') {
    throw new Misuse('GWS_URL is not set: it names the server, as in GWS_URL=https://gws.example.com');
  }
  return GWS_URL;
};

const ask = async (question: string, isHidden: boolean): Promise<string> => {
  const { prompt } = await import('./prompt.js');
  return prompt(question, isHidden);
};

const passwordIn = async (file: string): Promise<string> => {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new Misuse(`--password-file: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** The credentials: from the environment, a file, or a person at a terminal; undefined where none of them has any. */
export const credentials = async ({ passwordFile }: ServerOptions): Promise<Server['auth'] | undefined> => {
  const { GWS_USERNAME = '', GWS_PASSWORD = '' } = process.env;
  const canAsk = process.stdin.isTTY;
  const given = passwordFile === undefined ? GWS_PASSWORD : await passwordIn(passwordFile);
  const username = GWS_USERNAME === '' && canAsk ? await ask('User name: ', false) : GWS_USERNAME;
  const password = given === '' && canAsk ? await ask(`Password of ${username}: `, true) : given;
  return username === '' || password === '' ? undefined : { username, password };
};

/**
 * The server and the credentials.
 *
 * @throws {@link Misuse} where something is missing and there is nobody to ask
 */
export const serverOf = async (options: ServerOptions): Promise<Server> => {
  const url = baseUrl();
  const auth = await credentials(options);
  if (auth === undefined) {
    throw new Misuse(
      'no credentials: set GWS_USERNAME and GWS_PASSWORD, or name a --password-file; ' +
        'where stdin is a terminal the command asks for what is missing',
    );
  }
  return { baseUrl: url, auth };
};
