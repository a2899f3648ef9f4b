/** What a user can do about an error of a job, as imperative sentences without a full stop. */
export const ADVICE = {
  log: 'Read the log of the payload: the reason stands near its end',
  pilotLog: "Read the pilot's log, and try again",
  again: 'Submit it again',
  elsewhere: 'Submit it again, to another site if it fails the same way',
  site: 'Submit it to another site, and tell the operators of this one',
  memory: 'Ask for more memory and submit again',
  time: 'Ask for more time, or give each job less to do',
  disk: 'Ask for more disk space, or write less',
  input: 'Check that the input files exist where they should, then submit again',
  output: 'Check that the payload writes every output the job names, and nothing else under these names',
  transformation: "Check the transformation's name and its arguments",
  setup: 'Check the software set-up that the job asks for',
  container: 'Check the container that the job asks for, or submit to another site',
  sourceGone: 'Submit it again, so that its files are sent anew: the cache forgets them after 7 days',
  signIn: 'Renew your sign-in or certificate, then submit again',
  cancelled: 'Nothing, if the cancel was meant; else submit it again',
  nothing: 'Nothing: PanDA goes on by itself',
  operators: 'Tell the operators of the PanDA server, with the PandaID',
} as const;

export type AdviceKey = keyof typeof ADVICE;

/** Codes of one component: what each means in plain words, and what to do. */
export type ErrorTable = Readonly<Record<number, readonly [title: string, advice: AdviceKey]>>;
