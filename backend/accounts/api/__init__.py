"""Sign-in, people and teams over HTTP."""
