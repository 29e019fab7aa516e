/** The command was called in a way that cannot work: exit status 2, and the message on stderr. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}
