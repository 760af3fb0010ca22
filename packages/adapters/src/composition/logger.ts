import { type Logger, type LoggerOptions, pino } from 'pino';

/** The password of any connection string; a URL cannot hold these delimiters unescaped. */
const urlPassword = /(:\/\/[^\s:/?#@"]*:)[^\s/?#@"]*@/g;

/** Hides the passwords of the connection strings in a text. */
export function hidePasswords(text: string): string {
  return text.replace(urlPassword, '$1***@');
}

/**
 * Makes the process's logger: JSON lines on standard output, pretty on a terminal. Passwords of connection strings never
 * get out, wherever in a line they stand.
 */
export async function createLogger(name: string, level: string): Promise<Logger> {
  const options: LoggerOptions = { name, level, hooks: { streamWrite: hidePasswords } };
  if (!process.stdout.isTTY) return pino(options);
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ sync: true, singleLine: true, ignore: 'pid,hostname,name' }));
}
