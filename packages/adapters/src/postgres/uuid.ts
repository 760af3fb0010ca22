const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether this can be the id of a task or a worker, written as ids are; anything else names none. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}
