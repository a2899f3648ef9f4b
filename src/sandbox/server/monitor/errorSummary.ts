import { knownErrors } from '../../../panda/index.ts';
import type { StoredJob } from '../store/columns.ts';

/** One kind of error among jobs, as `errsByCount` lists them. */
export interface ErrorCount {
  readonly error: string;
  readonly codename: string;
  readonly codeval: number | string;
  readonly diag: string;
  readonly desc: string;
  readonly cat: { readonly name: string; readonly id: number };
  readonly example_pandaid: number;
  readonly count: number;
}

/** `/api/joberrordescriptions/`: what the codes mean that servers and pilots give. */
export function errorDescriptionsPage(): { readonly error_descriptions: readonly object[] } {
  const described = knownErrors().map(({ component, code, title }) => ({
    component,
    code,
    acronym: '',
    diagnostics: '',
    description: title,
    category: null,
  }));
  return { error_descriptions: described };
}

const COMPONENTS = [
  ['pilot', 'pilotErrorCode', 'pilotErrorDiag'],
  ['exe', 'exeErrorCode', 'exeErrorDiag'],
  ['sup', 'supErrorCode', 'supErrorDiag'],
  ['ddm', 'ddmErrorCode', 'ddmErrorDiag'],
  ['brokerage', 'brokerageErrorCode', 'brokerageErrorDiag'],
  ['jobdispatcher', 'jobDispatcherErrorCode', 'jobDispatcherErrorDiag'],
  ['taskbuffer', 'taskBufferErrorCode', 'taskBufferErrorDiag'],
] as const;

/** The errors of jobs, commonest first. */
export function summariseErrors(jobs: readonly StoredJob[]): readonly ErrorCount[] {
  const counts = new Map<string, ErrorCount>();
  for (const job of jobs) {
    for (const { component, codename, codeval, diag } of errorsOf(job)) {
      const error = `${component}:${codeval}`;
      const known = counts.get(error);
      counts.set(error, {
        ...(known ?? {
          error,
          codename,
          codeval,
          diag,
          desc: '',
          cat: { name: 'Uncategorized', id: 0 },
          example_pandaid: job.PandaID,
        }),
        count: (known?.count ?? 0) + 1,
      });
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

interface FoundError {
  readonly component: string;
  readonly codename: string;
  readonly codeval: number | string;
  readonly diag: string;
}

function errorsOf(job: StoredJob): readonly FoundError[] {
  const exit = job.transExitCode;
  const trans =
    exit === null || exit === '0' || exit === ''
      ? []
      : [{ component: 'trans', codename: 'transexitcode', codeval: exit, diag: '' }];
  const coded = COMPONENTS.flatMap(([component, code, diag]) => {
    const codeval = job[code] ?? 0;
    return codeval === 0 ? [] : [{ component, codename: code.toLowerCase(), codeval, diag: job[diag] ?? '' }];
  });
  return [...trans, ...coded];
}
