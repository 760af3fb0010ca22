import { NavetteError } from '@navette/domain';

/** Something the board offers and Navette does not, or not now; the board shows the message. */
export class BoardRefusal extends Error {
  override readonly name = 'BoardRefusal';
  /** Read by Bull Board's error handler. */
  readonly statusCode: number;
  constructor(message: string, statusCode = 409, options?: { cause?: unknown }) {
    super(message, options);
    this.statusCode = statusCode;
  }
}

const statusOf: Partial<Record<NavetteError['code'], number>> = {
  task_not_found: 404,
  invalid_transition: 409,
  store_unavailable: 500,
};

/** Runs a use case for the board: Navette's own errors get their status, others are the process's. */
export async function forBoard<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NavetteError)
      throw new BoardRefusal(error.message, statusOf[error.code] ?? 400, { cause: error });
    throw error;
  }
}
