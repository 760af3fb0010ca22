/** Another process uses the data folder, or may. */
export class DataFolderLockedError extends Error {
  override readonly name = 'DataFolderLockedError';
  readonly code = 'data_folder_locked';
  /** The data folder. */
  readonly folder: string;
  /** Who holds it, as far as the lock file says. */
  readonly pid: number | undefined;

  /** @param lock the folder, its lock file, and who holds it; `certain` when that process was seen alive */
  constructor(lock: {
    folder: string;
    file: string;
    holder?: { pid: number; hostname: string; certain: boolean };
  }) {
    const { folder, file, holder } = lock;
    const who = holder === undefined ? 'a process' : `process ${holder.pid} on ${holder.hostname}`;
    super(
      holder?.certain === true
        ? `the data folder ${folder} is in use by ${who}; stop it or choose another folder`
        : `the data folder ${folder} was last used by ${who}, and it cannot be seen from here whether that still runs; if it does not, delete ${file}`,
    );
    this.folder = folder;
    this.pid = holder?.pid;
  }
}

/** The data folder was made by a newer Navette, or one with another major version of PostgreSQL. */
export class DataFolderVersionError extends Error {
  override readonly name = 'DataFolderVersionError';
  /** `data_folder_newer`: this version is too old for the folder; `data_folder_older`: the folder has to be migrated. */
  readonly code: 'data_folder_newer' | 'data_folder_older';
  /** The data folder. */
  readonly folder: string;

  /** @param found and `supported` say what differs, such as `PostgreSQL 17` */
  constructor(folder: string, code: 'data_folder_newer' | 'data_folder_older', found: string, supported: string) {
    super(`the data folder ${folder} holds ${found}, but this version of Navette works with ${supported}`);
    this.code = code;
    this.folder = folder;
  }
}
