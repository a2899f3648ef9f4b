/** What a window needs of the pipeline's room to see daemons. To be loaded when it looks for them. */
import { announcedDaemons, createDaemonClient, DaemonCallError } from '../../pipeline/index.ts';

export { announcedDaemons, createDaemonClient, DaemonCallError };
