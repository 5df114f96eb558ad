/** Where to go after signing in: only a path of this house, so that a link cannot send people elsewhere. */
export function safeNext(next: string | undefined): string | undefined {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : undefined;
}
