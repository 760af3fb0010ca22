import { noSettings, type SessionSettings, switchStatement } from './session-settings.ts';

/** Whoever may have settings of its own. */
export interface SettingsOwner {
  readonly settings: SessionSettings;
}

const SESSION_SET = /\bset\b(?!\s+(?:local|transaction)\b)/i;

/** The settings that the session has now, so that they are changed only when another client needs others. */
export class AppliedSettings {
  // `undefined`: a client has changed something, nobody knows what.
  #applied: SessionSettings | undefined = noSettings;
  #changedBy: SettingsOwner | undefined;

  /** The statement that must run before a batch of the client; `undefined` when its settings are in force. */
  changeFor(client: SettingsOwner): string | undefined {
    if (this.#changedBy !== undefined && this.#changedBy !== client) this.forget();
    return this.#applied?.key === client.settings.key ? undefined : switchStatement(this.#applied, client.settings);
  }

  /** Records that the statement of `changeFor` has run. */
  applied(client: SettingsOwner): void {
    this.#applied = client.settings;
  }

  /** Records that nothing is known about the settings: the next batch starts from the defaults. */
  forget(): void {
    this.#applied = undefined;
    this.#changedBy = undefined;
  }

  /**
   * Notices statements that change settings. A SET holds for its client until another client runs, so it reaches nobody
   * else; what a client wants for good belongs in the settings of its pool.
   */
  notice(client: SettingsOwner, tags: readonly string[], sql: string | undefined): void {
    if (tags.some((tag) => tag === 'RESET' || tag.startsWith('DISCARD'))) this.forget();
    if (tags.includes('SET') && SESSION_SET.test(sql ?? 'set')) this.#changedBy = client;
  }
}
