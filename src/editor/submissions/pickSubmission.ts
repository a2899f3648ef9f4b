import * as vscode from 'vscode';
import { systemClock, type JobGroup } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Session } from '../session.ts';
import type { FoundRecord, WorkspaceRecords } from './records.ts';
import { recordEntry } from './recordTexts.ts';

/** A picker is no place for more; older ones are found by their jobs. */
const MOST_CHOICES = 500;
/** So many digits are a PandaID, or may become one. */
const PANDA_ID = /^\s*(\d{4,15})\s*$/u;

/** Something to do with a record, as a button on its entry. */
export interface RecordAction {
  readonly icon: string;
  readonly tooltip: string;
}

export interface Picked {
  readonly found: FoundRecord;
  /** The button that was pressed; undefined for the entry itself. */
  readonly action: RecordAction | undefined;
}

export interface SubmissionQuestion {
  readonly title: string;
  readonly placeHolder: string;
  readonly actions?: readonly RecordAction[];
  /** Id of a submission that is not offered. */
  readonly except?: string;
}

interface RecordItem extends vscode.QuickPickItem {
  readonly found: FoundRecord;
}

/**
 * Lets the user pick one of the submissions of this workspace, the newest first, or by the PandaID of one of its jobs;
 * undefined when they leave.
 */
export async function pickSubmission(
  records: WorkspaceRecords,
  session: Session | undefined,
  question: SubmissionQuestion,
): Promise<Picked | undefined> {
  const newest = await records.newest(MOST_CHOICES);
  const offered = newest.filter(({ record }) => record.id !== question.except);
  if (offered.length === 0) {
    throw new NothingToDo(
      newest.length === 0
        ? 'This workspace has no record of a submission yet: one is kept in .panda for each that is made from it.'
        : 'There is no other submission to choose.',
    );
  }
  const items = itemsFor(offered, session, question);
  const pick = vscode.window.createQuickPick<RecordItem>();
  pick.title = question.title;
  pick.placeholder = `${question.placeHolder}, by name or by the PandaID of one of its jobs`;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = items;
  let wanted = '';
  pick.onDidChangeValue((value) => {
    wanted = PANDA_ID.exec(value)?.[1] ?? '';
    const searched = wanted;
    if (searched === '') {
      pick.items = items;
      return;
    }
    void findByJob(searched, offered, records).then((found) => {
      if (wanted !== searched) return;
      const own = found === undefined ? [] : itemsFor([found], session, question);
      pick.items = [...own.map((item) => ({ ...item, alwaysShow: true })), ...without(items, found)];
    });
  });
  return new Promise((resolve) => {
    const take = (picked: Picked | undefined): void => {
      resolve(picked);
      pick.hide();
    };
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      take(item === undefined ? undefined : { found: item.found, action: undefined });
    });
    pick.onDidTriggerItemButton(({ item, button }) => {
      const action = question.actions?.find(({ tooltip }) => tooltip === button.tooltip);
      take({ found: item.found, action });
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

async function findByJob(
  digits: string,
  offered: readonly FoundRecord[],
  records: WorkspaceRecords,
): Promise<FoundRecord | undefined> {
  const pandaId = Number(digits);
  return (
    offered.find(({ record }) => record.taskId === pandaId || record.pandaIds.includes(pandaId)) ??
    // A record that cannot be read is none to be found.
    records.findByJob(pandaId).catch(() => undefined)
  );
}

function without(items: readonly RecordItem[], found: FoundRecord | undefined): readonly RecordItem[] {
  return items.filter((item) => item.found.record.id !== found?.record.id);
}

function itemsFor(
  found: readonly FoundRecord[],
  session: Session | undefined,
  { actions = [] }: SubmissionQuestion,
): readonly RecordItem[] {
  const now = systemClock.now();
  const groups = new Map<string, JobGroup>(
    session?.store.groups('submission', '').map((group) => [group.key, group]),
  );
  const buttons = actions.map(({ icon, tooltip }) => ({ iconPath: new vscode.ThemeIcon(icon), tooltip }));
  return found.map((one) => ({
    ...recordEntry(one.record, groups.get(one.record.id), now),
    iconPath: new vscode.ThemeIcon('file-submodule'),
    buttons,
    found: one,
  }));
}
