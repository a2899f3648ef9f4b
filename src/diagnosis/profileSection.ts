import { SANDBOX, valuesGivenBy } from '../panda/index.ts';
import type { Profile, ProfileValue, ResolvedProfile } from '../panda/index.ts';
import { plural } from '../watch/index.ts';
import { ok, warning } from './check.ts';
import type { Finding, Step } from './check.ts';

/** Which profile is used, and each of its values with where it comes from. */
export function profileSteps({ name, chosenBy, values, profile }: ResolvedProfile): readonly Step[] {
  const what = name === SANDBOX ? 'a PanDA on this machine' : plural(values.length, 'value');
  const chosen: Step = { name: 'chosen', tried: '', run: () => ok(`${name} (${chosenBy}): ${what}`) };
  return [chosen, ...valueSteps(values, profile?.verifyHost !== false)];
}

/** The values that a sandbox gives its profile, but for those that the user chose. */
export function sandboxSteps(profile: Profile, { values }: ResolvedProfile): readonly Step[] {
  const given = valuesGivenBy(profile, 'the sandbox');
  return valueSteps(
    given.filter(({ field }) => !values.some((own) => own.field === field)),
    true,
  );
}

function valueSteps(values: readonly ProfileValue[], isChecked: boolean): readonly Step[] {
  return values.map(({ field, value, from }) => {
    const text = `${value} (${from})`;
    return { name: field, tried: '', run: () => remark(field, text, isChecked) };
  });
}

function remark(field: string, text: string, isChecked: boolean): Finding {
  if (field === 'verifyHost' && !isChecked) {
    return warning(text, 'Name the authority of the server as caFile instead, and take verifyHost out');
  }
  return ok(text);
}
