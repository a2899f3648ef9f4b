import { cleanText } from '../text/cleanText.ts';
import { isObject, protocolError } from '../wire/envelope.ts';
import type { ErrorDescription, MonitorCallOptions } from './api.ts';
import { DAY_MS } from './caller.ts';
import type { MonitorCaller } from './caller.ts';
import { numberOf, rowsOf, textOf } from './rows.ts';

const MOST = 20_000;

export async function errorDescriptions(
  monitor: MonitorCaller,
  options: MonitorCallOptions,
): Promise<readonly ErrorDescription[]> {
  const call = {
    path: '/api/joberrordescriptions/',
    tried: 'get the descriptions of errors',
    keep: (value: unknown) => (isObject(value) && Array.isArray(value.error_descriptions) ? DAY_MS : 0),
  };
  const answer = await monitor.get(call, options);
  const rows = rowsOf(isObject(answer) ? answer.error_descriptions : undefined, MOST);
  if (rows === undefined) throw protocolError(monitor.facts(call), 'the answer holds no descriptions');
  return rows.flatMap((row): ErrorDescription[] => {
    const component = textOf(row.component);
    const code = numberOf(row.code);
    // Some have only the text that a component reports, some only an explanation; both may hold markup.
    const description = cleanText(textOf(row.description) ?? textOf(row.diagnostics) ?? '');
    if (component === null || code === null || description === '') return [];
    return [
      {
        component: component.toLowerCase().replace(/errorcode$|_?error$/u, ''),
        code,
        acronym: cleanText(textOf(row.acronym) ?? ''),
        description,
        category: textOf(row.category),
      },
    ];
  });
}
