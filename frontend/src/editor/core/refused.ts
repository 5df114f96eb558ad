/** What a person asked for and cannot have. */

/** The command makes no sense here; the message says why and what to do. */
export class Refused extends Error {
  override readonly name = "Refused";
}
