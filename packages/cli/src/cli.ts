import { createClient, NavetteApiError, type NavetteClient, NavetteConnectionError } from '@navette/client';
import { UsageError } from './exit-codes.ts';
import { type Paint, paintFor, type Terminal, write } from './terminal.ts';

/** The options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly json?: boolean;
}

/** What the commands work with. */
export interface Cli {
  readonly terminal: Terminal;
  /** Whether a program reads the output: one JSON value a line. */
  readonly json: boolean;
  /** Where the server is. */
  readonly url: string;
  /** Styles for the output. */
  readonly paint: Paint;
  /** Styles for remarks. */
  readonly paintRemark: Paint;
  /** What the shell is told in the end. */
  exitCode: number;
  /** The way to the server. `patient`: for work that outlives a restart of the server. */
  connect(options?: { readonly patient?: boolean }): NavetteClient;
  /** Writes a value: as JSON, or the text for people. */
  print(value: unknown, text: () => string): Promise<void>;
  /** Writes a remark for people, beside the output; none for programs. */
  remark(text: string): void;
  /** Writes an error. */
  complain(error: unknown): void;
}

/** Makes what the commands work with. The options are asked for late: they are known once the line is parsed. */
export function createCli(terminal: Terminal, options: () => GlobalOptions): Cli {
  const { env, stdout, stderr } = terminal;
  const paintRemark = paintFor(stderr, env);
  const isJson = () => options().json ?? false;
  const address = () => options().url || env.NAVETTE_URL || 'http://127.0.0.1:3000';
  return {
    terminal,
    paint: paintFor(stdout, env),
    paintRemark,
    exitCode: 0,
    get json() {
      return isJson();
    },
    get url() {
      return address();
    },
    connect: ({ patient = false } = {}) => {
      const baseUrl = address();
      if (!URL.canParse(baseUrl)) throw new UsageError(`not an address: ${baseUrl}`);
      const retry = patient ? { tries: 8 } : { tries: 3, delayMs: 200 };
      return createClient({ baseUrl, apiKey: env.NAVETTE_API_KEY || undefined, retry });
    },
    print: (value, text) => write(stdout, `${isJson() ? JSON.stringify(value) : text()}\n`),
    remark: (text) => {
      if (!isJson()) stderr.write(`${text}\n`);
    },
    complain: (error) => {
      const text = isJson() ? JSON.stringify({ error: errorJson(error) }) : errorText(error, address());
      stderr.write(isJson() ? `${text}\n` : `${paintRemark('red', 'navette:')} ${text}\n`);
    },
  };
}

function errorJson(error: unknown) {
  if (error instanceof NavetteApiError) {
    return error.problem ?? { status: error.status, code: error.code, detail: error.detail };
  }
  const code = error instanceof NavetteConnectionError ? 'unreachable' : 'invalid_usage';
  return { code, detail: messageOf(error) };
}

function errorText(error: unknown, url: string): string {
  if (error instanceof NavetteConnectionError) {
    return `${error.message}\nIs a server running at ${url}? Name another with --url or NAVETTE_URL.`;
  }
  if (!(error instanceof NavetteApiError)) return messageOf(error);
  if (error.status === 401) return `${error.detail}: set NAVETTE_API_KEY to the secret of one`;
  const fields = error.errors.map(({ pointer, parameter, detail }) => `  ${pointer ?? parameter ?? ''} ${detail}`);
  return [error.detail, ...(fields.length > 1 ? fields : [])].join('\n');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
