import { ERROR_SOURCES } from './jobErrors.ts';
import type { ErrorComponent, JobError } from './jobErrors.ts';
import type { ErrorDescription } from '../monitor/api.ts';

/** Every error that we have words for. */
export function knownErrors(): readonly {
  readonly component: ErrorComponent;
  readonly code: number;
  readonly title: string;
}[] {
  return ERROR_SOURCES.flatMap(({ component, table }) =>
    Object.entries(table).map(([code, [title]]) => ({ component, code: Number(code), title })),
  );
}

/** Whether the monitor's descriptions could say more of an error than we do. */
export function isUnknownError({ component, code }: JobError): boolean {
  const source = ERROR_SOURCES.find((one) => one.component === component);
  return source !== undefined && typeof code === 'number' && source.table[code] === undefined;
}

/** The same errors; those that we have no words for with the monitor's, where it has some. */
export function describeUnknown(
  errors: readonly JobError[],
  descriptions: readonly ErrorDescription[],
): readonly JobError[] {
  return errors.map((error) => {
    if (!isUnknownError(error)) return error;
    const found = descriptions.find(
      ({ component, code }) => component === error.component && code === error.code,
    );
    return found === undefined ? error : { ...error, title: found.description };
  });
}
