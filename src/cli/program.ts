import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { DoctorOptions } from './doctor/doctor.js';
import type { Leaving } from './leaving.js';
import type { ListOptions } from './list.js';
import { Misuse } from './misuse.js';
import type { MonitorOptions } from './monitor.js';
import type { SandboxCommandOptions } from './sandbox.js';

const versionOf = (): string => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string; // this package's own
  };
  return manifest.version;
};

const about = `
Server and credentials:
  GWS_URL         origin of Web Services, or origin and path in front of /api/v2
  GWS_USERNAME    asked for where it is missing and stdin is a terminal
  GWS_PASSWORD    the same; or --password-file

Output: a table where stdout is a terminal, else (or with --json) one JSON object a line.
Durations: 500ms, 30s, 5m, 2h, 1d.
Exit status: 0 all is well, 1 something failed (stderr says what, workbin by workbin, step by step), 2 the
command was misused, ids that cannot be any among that, 130 or 143 after SIGINT or SIGTERM.

Examples:
  $ rx-workbins sandbox                              a server to try it on
  $ rx-workbins doctor                               what works with this server, and what does not
  $ rx-workbins list                                 the ids of my workbins
  $ rx-workbins subscribe ID ID                      whether they can be subscribed to
  $ rx-workbins watch ID --for 1h > events.ndjson    what happens in one
  $ rx-workbins watch - --user USER < ids.txt        in those of another user, ids one a line`;

const scoped = (command: Command): Command => {
  const options = [
    new Option('--user <id>', 'the workbins of this user'),
    new Option('--any', 'any workbin, whoever owns it'),
    new Option('--agent-group <name>', 'the workbins of this agent group'),
    new Option('--place-group <name>', 'the workbins of this place group'),
  ];
  for (const option of options) {
    option.conflicts(options.filter((other) => other !== option).map((other) => other.attributeName()));
    command.addOption(option);
  }
  return command;
};

const asking = (command: Command): Command =>
  command
    .option('--password-file <path>', 'a file that holds the password, instead of GWS_PASSWORD')
    .option('--json', 'one JSON object a line, also on a terminal')
    .addHelpText('after', more);

const more = `
Server and credentials come from GWS_URL, GWS_USERNAME and GWS_PASSWORD: see rx-workbins --help.`;

const withSession = (command: Command): Command =>
  asking(command)
    .option('--channels <names>', 'start a contact centre session with these channels, as in chat,email')
    .option('--place <name>', 'the place of that session')
    .option('--verbose', 'say on stderr what happens to the session');

/** A text that shows no value of an option: somebody may have tried to give a password. */
const withoutValues = (text: string): string => text.replace(/(--[\w-]+)=[^']*/g, '$1=…');

const programOf = (leaving: Leaving, done: (status: number) => void): Command => {
  const program = new Command('rx-workbins')
    .description(
      'Subscribes to workbins of Genesys Web Services, for monitoring scripts and for the first hour with a server.',
    )
    .version(versionOf(), '-V, --version')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(withoutValues(text));
      },
    })
    .showHelpAfterError('(rx-workbins --help says more)')
    .addHelpText('after', about);

  const monitoring = (name: 'subscribe' | 'watch', description: string): Command =>
    withSession(scoped(program.command(name).description(description)))
      .argument('<id...>', 'workbin ids; - reads them from stdin, one a line')
      .option('--timeout <duration>', 'how long a subscription may take, or none', '30s')
      .action(async (ids: readonly string[], options: MonitorOptions) => {
        const { monitor } = await import('./monitor.js');
        done(await monitor(name, ids, options, leaving));
      });

  monitoring('subscribe', 'subscribe to workbins, say how each came out, unsubscribe and leave');
  monitoring('watch', 'subscribe to workbins and stay: every item that comes or goes, every gap')
    .option('--for <duration>', 'leave after this time')
    .option('--until-idle', 'leave when nothing has happened for 10s')
    .option('--idle <duration>', 'leave when nothing has happened for this long');

  withSession(scoped(program.command('list').description('list workbins: ids, names, types')))
    .option('--items', 'count what lies in each: one more request a workbin')
    .option('--timeout <duration>', 'how long the answer may take', '30s')
    .action(async (options: ListOptions) => {
      const { list } = await import('./list.js');
      done(await list(options, leaving));
    });

  asking(
    scoped(
      program
        .command('doctor')
        .description('go through what a working subscription needs, step by step')
        .argument('[id]', 'a workbin to subscribe to as the last step'),
    ),
  )
    .option('--timeout <duration>', 'how long each step may take', '10s')
    .option('--hold <duration>', 'how long to look at the held poll; 90s sees whether a proxy cuts it', '2s')
    .action(async (id: string | undefined, options: DoctorOptions) => {
      const { doctor } = await import('./doctor/doctor.js');
      done(await doctor(id, options, leaving));
    });

  program
    .command('sandbox')
    .description('run a stand-in server in the foreground, with items that come and go')
    .option('--every <duration>', 'how often something happens', '2s')
    .option('--port <number>', 'the port to listen on; 0 is any free one', '0')
    .option('--for <duration>', 'end after this time')
    .option('--json', 'one JSON object, also on a terminal')
    .action(async (options: SandboxCommandOptions) => {
      const { sandbox } = await import('./sandbox.js');
      done(await sandbox(options, leaving));
    });
  return program;
};

/** Runs the command, and resolves with its exit status. */
export const run = async (argv: readonly string[], leaving: Leaving): Promise<number> => {
  let status = 0;
  const program = programOf(leaving, (outcome) => {
    status = outcome;
  });
  try {
    await program.parseAsync(argv);
    return status;
  } catch (error) {
    // Commander has said what it has to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { causeText, doctorHint, isOutOfReach } = await import('./reason.js');
    const { isArgumentError } = await import('../index.js');
    process.stderr.write(`rx-workbins: ${causeText(error)}\n${isOutOfReach(error) ? `${doctorHint}\n` : ''}`);
    return error instanceof Misuse || isArgumentError(error) ? 2 : 1;
  }
};
