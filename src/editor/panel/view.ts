/**
 * What the page of one job shows, as plain data. The host makes it (see `viewModel.ts`) and words every text; the page
 * only lays it out. Times are epoch milliseconds, UTC.
 */
export interface JobView {
  /** Name of the profile the PandaID belongs to. */
  readonly profile: string;
  readonly pandaId: number;
  readonly name: string;
  readonly jobName: string;
  readonly state: StateView;
  /** A cancel was asked for and has not come true: shown as a spinner until the state is final. */
  readonly cancelRequested: boolean;
  /** One sentence under the name where there is something to say (who is waited for, what is old); null for nothing. */
  readonly note: string | null;
  /** PandaID, site, attempt: shown in this order, parted by dots. */
  readonly facts: readonly Fact[];
  readonly actions: Actions;
  readonly timeline: TimelineView;
  readonly failure: FailureView | null;
  readonly files: readonly FileView[];
  readonly parameters: ParametersView;
  readonly resources: readonly ResourceView[];
  readonly attempts: readonly AttemptView[];
  /** "as of 12:03:04", with the date in full as `title`. */
  readonly asOf: Fact;
}

/** A short text with its exact form for the tooltip. */
export interface Fact {
  readonly text: string;
  readonly title: string;
}

export interface StateView {
  readonly word: string;
  readonly codicon: string;
  /** A VS Code theme colour (`charts.blue`); null for the ordinary text colour. */
  readonly color: string | null;
}

/** What can be done now; what cannot work is not offered. */
export interface Actions {
  readonly resubmit: boolean;
  readonly cancel: boolean;
  readonly openLog: boolean;
  readonly openOutputs: boolean;
  readonly openMonitor: boolean;
}

export interface TimelineView {
  readonly segments: readonly SegmentView[];
  /** Says the whole in one sentence for people who do not see it. */
  readonly label: string;
}

export interface SegmentView {
  readonly state: StateView;
  /** Milliseconds spent; 0 for the state a job ended in. */
  readonly length: number;
  /** `3 m 12 s`; empty where there is none. */
  readonly duration: string;
  readonly title: string;
  /** The job is in this state now and the segment grows. */
  readonly open: boolean;
}

export interface FailureView {
  /** `trans:3`. */
  readonly code: string;
  readonly title: string;
  /** What the component said, word for word; empty where it said nothing more. */
  readonly diag: string;
  readonly advice: string;
  /** The other errors of the job, one line each: `pilot:1305 …`. */
  readonly others: readonly string[];
  /** The line of the log that tells most, once found. */
  readonly line: TellingLine | null;
}

export interface TellingLine {
  readonly file: LogName;
  /** Where the line begins in the file, bytes. */
  readonly offset: number;
  /** Its number in the file, the first being 0; null where it was found from the end. */
  readonly line: number | null;
  readonly text: string;
}

export interface FileView {
  readonly type: string;
  readonly name: string;
  readonly size: string;
  readonly status: string;
  readonly title: string;
  /** The job wrote it and has ended, so that it can be looked at. */
  readonly openable: boolean;
}

export interface ParametersView {
  readonly transformation: string;
  /** The payload's words, one by one, as the shell on the worker node takes them. */
  readonly words: readonly string[];
  readonly named: readonly NamedValue[];
  /** Every attribute the server gave a value for. */
  readonly all: readonly NamedValue[];
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

export interface ResourceView {
  readonly name: string;
  readonly asked: string;
  readonly used: string;
  /** Used over asked, for the bar; null where one of them is not known. */
  readonly share: number | null;
  readonly note: string;
}

/** What a job used over time; columns are as long as `seconds`, and null where nothing of them was measured. */
export interface UsageView {
  /** Since the first sample. */
  readonly seconds: readonly number[];
  /** Bytes. */
  readonly pss: readonly (number | null)[] | null;
  readonly rss: readonly (number | null)[] | null;
  /** Processors at work since the point before. */
  readonly cores: readonly (number | null)[] | null;
  /** Bytes; null where nothing was asked for. */
  readonly memoryAsked: number | null;
  readonly coresAsked: number;
}

export type UsageState =
  { readonly kind: 'none'; readonly message: string } | { readonly kind: 'ready'; readonly view: UsageView };

export interface AttemptView {
  readonly pandaId: number;
  readonly attempt: string;
  readonly state: StateView | null;
  readonly site: string;
  readonly when: Fact;
  /** The job this page is about. */
  readonly current: boolean;
}

/** A log by its file name, as the pilot left it. */
export type LogName = 'payload.stdout' | 'payload.stderr' | 'pilotlog.txt';

export type TabName = 'log' | 'files' | 'parameters' | 'resources' | 'attempts';
