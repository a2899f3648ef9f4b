package interop;

import com.healthmarketscience.rmiio.RemoteInputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.srs.jobcontrol.*;
import org.srs.jobcontrol.common.CommonJobStatus;

/**
 * The plainest job control service: jobs in a map, waiting until they are cancelled, and no files. Says the port of the
 * registry when it is bound there, and ends with its input.
 */
public class MapService implements JobControl {
  private final Map<String, CommonJobStatus> jobs = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong(6_900_000_000L);

  /** Arguments: the name to bind, and the port of a registry on this machine; without it, one of its own. */
  public static void main(String[] args) throws Exception {
    MapService service = new MapService();
    if (args.length > 1) {
      bind(LocateRegistry.getRegistry(Integer.parseInt(args[1])), args[0], service, args[1]);
    } else {
      OwnRegistry own = OwnRegistry.create();
      bind(own.registry(), args[0], service, String.valueOf(own.port()));
    }
    while (System.in.read() >= 0) { }
    System.exit(0);
  }

  private static void bind(Registry registry, String name, MapService service, String port) throws RemoteException {
    registry.rebind(name, UnicastRemoteObject.exportObject(service, 0));
    System.out.println("ready\t" + port);
  }

  public String submit(Job job) throws JobSubmissionException {
    if (job.command == null || job.command.isEmpty()) throw new JobSubmissionException("Missing command");
    CommonJobStatus status = new CommonJobStatus();
    status.id = String.valueOf(lastId.incrementAndGet());
    status.status = JobStatus.Status.WAITING;
    status.host = "wn0001";
    status.queue = "SLAC";
    status.user = "desc";
    status.comment = job.env.get("PIPELINE_TASK");
    status.submitted = new Date();
    jobs.put(status.id, status);
    return status.id;
  }

  public JobStatus status(String id) throws NoSuchJobException {
    CommonJobStatus status = jobs.get(id);
    if (status == null) throw new NoSuchJobException("Job id " + id);
    return status;
  }

  public Map<String, JobStatus> arrayStatus(List<String> ids) {
    Map<String, JobStatus> statuses = new LinkedHashMap<>();
    for (String id : ids) statuses.put(id, jobs.get(id));
    return statuses;
  }

  public void cancel(String id) throws NoSuchJobException {
    CommonJobStatus status = jobs.get(id);
    if (status == null) throw new NoSuchJobException("No such job, id=" + id);
    status.status = JobStatus.Status.FAILED;
  }

  public String getFile(String spId, File workingDirectory, String name) throws FileNotFoundException {
    throw new FileNotFoundException("Summary file does not exist.");
  }

  public RemoteInputStream getFileStream(String spId, File workingDirectory, String name)
      throws FileNotFoundException {
    throw new FileNotFoundException(name);
  }
}
