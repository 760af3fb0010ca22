import type { AnyTaskType } from '@navette/domain';

/** What a type's schema finds wrong with a payload, by the path of the field. */
export async function problemsOf(taskType: AnyTaskType, payload: unknown): Promise<Record<string, string>> {
  const checked = await taskType.payload['~standard'].validate(payload);
  const issues = checked.issues ?? [];
  return Object.fromEntries(issues.map(({ path = [], message }) => [path.map(String).join('/'), message]));
}
