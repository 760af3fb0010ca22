import { z } from 'zod';

/** A schema made of a function that throws an `Error` saying what the value must be. */
export function parsed<T>(read: (text: string) => T): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    try {
      return read(text);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  });
}

/** Any text. */
export function anyText(): z.ZodType<string, string> {
  return z.string();
}

/** A whole number in decimal digits. */
export function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  return parsed((text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new Error(`must be a whole number from ${least} to ${most}, not "${text}"`);
  });
}

/** A URL; the message never repeats it, since it may hold a password. */
export function url(protocols: readonly string[], example: string): z.ZodType<string, string> {
  return parsed((text) => {
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
    throw new Error(`must be a URL such as ${example}`);
  });
}

/** The entries of a comma-separated list, without the space around them. */
export function list(text: string): string[] {
  return text.split(',').map((entry) => entry.trim());
}
