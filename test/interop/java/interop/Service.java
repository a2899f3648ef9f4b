package interop;

import com.healthmarketscience.rmiio.GZIPRemoteInputStream;
import com.healthmarketscience.rmiio.RemoteInputStream;
import com.healthmarketscience.rmiio.RemoteInputStreamServer;
import com.healthmarketscience.rmiio.SimpleRemoteInputStream;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.rmi.RemoteException;
import java.rmi.server.UnicastRemoteObject;
import java.util.*;
import java.util.concurrent.TimeoutException;
import org.srs.jobcontrol.*;
import org.srs.jobcontrol.common.CommonJobStatus;

/** A job control service in Java, with a registry of its own. Says which port when it is ready, and ends with its input. */
public class Service implements JobControl {
  public static void main(String[] args) throws Exception {
    OwnRegistry own = OwnRegistry.create();
    Service service = new Service();
    own.registry().rebind("JobControlService-desc", UnicastRemoteObject.exportObject(service, 0));
    System.out.println("ready\t" + own.port());
    while (System.in.read() >= 0) { }
    System.exit(0);
  }

  /** Gives back as an id what came. */
  public String submit(Job job) throws JobSubmissionException, JobControlException {
    if (job.command == null) throw new JobSubmissionException("Missing command");
    switch (job.command) {
      case "control": throw new JobControlException("control", new IOException("io"));
      case "suppressed":
        JobControlException thrown = new JobControlException("suppressed");
        thrown.addSuppressed(new IllegalStateException("inner"));
        throw thrown;
      case "security": throw new SecurityException();
      case "error": throw new AssertionError("wrong");
      default:
    }
    return String.join("|", job.command, job.name, String.valueOf(job.priority), String.valueOf(job.maxCPU),
        job.currentDirectory, job.logFile, new TreeMap<>(job.env).toString(), String.valueOf(job.files.size()),
        String.valueOf(job.files.values().stream().mapToInt(String::length).sum()));
  }

  public JobStatus status(String id) throws NoSuchJobException {
    if (id.equals("missing")) throw new NoSuchJobException("Job id " + id);
    if (id.equals("null")) return null;
    CommonJobStatus status = new CommonJobStatus();
    status.id = id;
    status.status = JobStatus.Status.SUSPENDED;
    status.cpuUsed = 7;
    status.comment = "é€😀\u0000";
    status.started = new Date(1382356800123L);
    return status;
  }

  public Map<String, JobStatus> arrayStatus(List<String> ids) {
    Map<String, JobStatus> statuses = new LinkedHashMap<>();
    for (String id : ids) {
      try {
        statuses.put(id, status(id));
      } catch (NoSuchJobException unknown) {
        statuses.put(id, null);
      }
    }
    return statuses;
  }

  public void cancel(String id) throws NoSuchJobException, RemoteException {
    if (id.equals("missing")) throw new NoSuchJobException("No such job, id=" + id);
    if (id.equals("remote")) throw new RemoteException("remote");
  }

  public String getFile(String spId, File workingDirectory, String name)
      throws FileNotFoundException, TimeoutException {
    if (name.equals("missing")) throw new FileNotFoundException("Summary file does not exist.");
    if (name.equals("late")) throw new TimeoutException();
    return spId + " " + workingDirectory + " " + name;
  }

  /** The name says whether it is compressed, and how long it is. */
  public RemoteInputStream getFileStream(String spId, File workingDirectory, String name) throws IOException {
    if (name.equals("missing")) throw new FileNotFoundException(name);
    byte[] bytes = new byte[Integer.parseInt(name.split("-")[1])];
    new Random(1).nextBytes(bytes);
    InputStream in = new ByteArrayInputStream(bytes);
    RemoteInputStreamServer stream =
        name.startsWith("gzip") ? new GZIPRemoteInputStream(in) : new SimpleRemoteInputStream(in);
    return stream.export();
  }
}
