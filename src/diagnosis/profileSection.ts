import { SANDBOX } from '../panda/index.ts';
import type { ResolvedProfile } from '../panda/index.ts';
import { ok, warning } from './check.ts';
import type { Finding, Step } from './check.ts';

/** Each value of a profile and where it comes from. */
export function profileSteps({ name, chosenBy, values, profile }: ResolvedProfile): readonly Step[] {
  const steps = values.map(({ field, value, from }): Step => {
    const text = `${value} (${from})`;
    return { name: field, tried: '', run: () => remark(field, text, profile?.verifyHost === false) };
  });
  const what = name === SANDBOX ? 'a PanDA on this machine' : `${values.length} values`;
  return [{ name: 'chosen', tried: '', run: () => ok(`${name} (${chosenBy}): ${what}`) }, ...steps];
}

function remark(field: string, text: string, isUnchecked: boolean): Finding {
  if (field === 'verifyHost' && isUnchecked) {
    return warning(text, 'Name the authority of the server as caFile instead, and take verifyHost out');
  }
  return ok(text);
}
