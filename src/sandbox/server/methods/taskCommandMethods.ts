import { cleanName } from '../../../panda/index.ts';
import type { ServerContext } from '../context.ts';
import type { Identity } from '../identity.ts';
import { method, type Method, type MethodTable } from '../method.ts';
import { takeCommand, type CommandName } from '../tasks/commands.ts';
import type { ReadContext } from '../tasks/describeTask.ts';
import { retryTask } from '../tasks/retryTask.ts';
import { refused, succeeded, type Answer } from '../wire/answer.ts';
import {
  bool,
  dictOrStr,
  int,
  optional,
  required,
  str,
  withDefault,
  type Declaration,
} from '../wire/parameters.ts';

const TASK_ID = { task_id: required(int) };

/** What is told to tasks: taken down here, carried out by the task engine. */
export function taskCommandMethods(context: ServerContext, reading: ReadContext): MethodTable {
  const { store } = context;
  const send: Send = (task_id, name, comment, who) => {
    const { production } = who;
    const { code, message } = store.transaction(() =>
      takeCommand(reading.tasks, task_id, { name, comment }, { production, now: context.now() }),
    );
    context.notice.taskChanged();
    return code === 0 ? succeeded(code, message) : refused(message, code);
  };
  return {
    ...ownersMethods(context, reading, send),
    'task/reload_input': method(
      { verb: 'POST' },
      { ...TASK_ID, ignore_hard_exhausted: withDefault(bool, false) },
      ({ task_id }, { identity }) => send(task_id, 'incexec', '[{}, []]', identity),
    ),
    'task/reassign': method(
      { verb: 'POST' },
      { ...TASK_ID, site: optional(str), cloud: optional(str), nucleus: optional(str), mode: optional(str) },
      ({ task_id, ...target }, { identity }) => send(task_id, 'reassign', reassignComment(target), identity),
    ),
    'task/pause': simple('pause', send),
    'task/resume': simple('resume', send),
    'task/avalanche': simple('avalanche', send),
    'task/release': simple('release', send),
  };
}

type Send = (task_id: number, name: CommandName, comment: string, who: Identity) => Answer;

function by({ dn }: Identity): string {
  return `by ${cleanName(dn) || dn}`;
}

function simple(name: CommandName, send: Send): Method {
  return method({ verb: 'POST', production: true }, TASK_ID, ({ task_id }, { identity }) =>
    send(task_id, name, `${name} ${by(identity)}`, identity),
  );
}

/** With a site the task goes back to what it was, else it looks for a place anew. */
function reassignComment(
  target: Readonly<Record<'site' | 'cloud' | 'nucleus' | 'mode', string | null>>,
): string {
  const { site, cloud, nucleus, mode } = target;
  const other = nucleus === null ? `cloud:${cloud ?? ''}:n` : `nucleus:${nucleus}:n`;
  const how = mode === 'nokill' || mode === 'soft' ? `:${mode} reassign` : '';
  return `${site === null ? other : `site:${site}:y`}${how}`;
}

/** Who owns a task, or has the production role, may command it. One that is not taken up has no owner yet. */
function refusedStranger({ tasks }: ReadContext, jediTaskID: number, who: Identity): Answer | undefined {
  if (who.production || who.ownsEverything) return undefined;
  const isOwner = tasks.task(jediTaskID)?.userName === cleanName(who.dn);
  return isOwner ? undefined : refused('not the task owner or no production role');
}

/** Commands that the owner of a task may give. */
function ownersMethods(context: ServerContext, reading: ReadContext, send: Send): MethodTable {
  const owned = <D extends Declaration>(
    parameters: D,
    run: (task_id: number, values: Readonly<Record<string, unknown>>, who: Identity) => Answer,
  ): Method =>
    method({ verb: 'POST' }, { ...TASK_ID, ...parameters }, (values, { identity }) => {
      const { task_id } = values as { readonly task_id: number };
      return refusedStranger(reading, task_id, identity) ?? run(task_id, values, identity);
    });
  return {
    'task/kill': owned({ broadcast: withDefault(bool, false) }, (id, _values, who) =>
      send(id, 'kill', `kill ${by(who)}`, who),
    ),
    'task/finish': owned(
      { soft: withDefault(bool, false), broadcast: withDefault(bool, false) },
      (id, { soft }, who) => send(id, 'finish', `${soft === true ? 'soft ' : ''}finish ${by(who)}`, who),
    ),
    'task/retry': owned(
      {
        new_parameters: optional(dictOrStr),
        no_child_retry: withDefault(bool, false),
        discard_events: withDefault(bool, false),
        disable_staging_mode: withDefault(bool, false),
        keep_gshare_priority: withDefault(bool, false),
        ignore_hard_exhausted: withDefault(bool, false),
      },
      (id, { new_parameters }, who) => {
        const { code, message } = retryTask(context, reading.tasks, id, new_parameters, who);
        context.notice.taskChanged();
        // Success is true whatever came of it.
        return succeeded(code, message);
      },
    ),
  };
}
