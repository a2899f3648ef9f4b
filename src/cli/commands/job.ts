import type { Command } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { findErrors, findHistory, findJob } from '../jobs/lookup.ts';
import { readPandaId } from '../jobs/pandaIds.ts';
import { renderJobDetails } from '../render/jobDetails.ts';
import { detailShape } from '../shapes.ts';

export const jobCommand: Command = {
  name: 'job',
  summary: 'Shows one job: its story, its errors in plain words, its files',
  usage: ['job PANDAID [options]'],
  options: [],
  examples: ['job 6900000001'],
  async run({ args, io, out, connector }) {
    const pandaId = readPandaId(args.positionals, 'job');
    const connection = await connector.connect();
    out.progress(`Asking for job ${pandaId}…`);
    const record = await findJob(connection, pandaId, io.signal);
    const history = await findHistory(connection, pandaId, io.signal, out.note);
    const errors = await findErrors(connection, record, io.signal, out.note);
    const monitorUrl = connection.client.monitor?.jobUrl(pandaId) ?? null;
    out.result(detailShape(record, errors, history, monitorUrl));
    for (const line of renderJobDetails({ record, errors, history, monitorUrl }, out.style, io.clock.now())) {
      out.line(line);
    }
    return EXIT.ok;
  },
};
