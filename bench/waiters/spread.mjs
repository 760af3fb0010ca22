/** Tasks that do not end all at once end evenly over so long, ms. */
export const spreadMs = 2_000;
