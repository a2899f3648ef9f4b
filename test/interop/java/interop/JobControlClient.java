package interop;

import com.healthmarketscience.rmiio.RemoteInputStream;
import java.io.File;
import java.rmi.NotBoundException;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.util.List;
import java.util.Map;
import org.srs.jobcontrol.Job;
import org.srs.jobcontrol.JobControl;
import org.srs.jobcontrol.JobControlException;
import org.srs.jobcontrol.JobStatus;

/**
 * Calls a job control service with the habits of the pipeline's client: it keeps the service that it looked up, tries
 * each call twice, looking the service up anew in between, and cancels only once, silent where that fails.
 */
public class JobControlClient {
  private final String host;
  private final int port;
  private final String name;
  private JobControl service;

  /** Of the service that is bound as the name in the registry at host and port. */
  public JobControlClient(String host, int port, String name) {
    this.host = host;
    this.port = port;
    this.name = name;
  }

  public String submit(Job job) throws Exception {
    return twice(service -> service.submit(job));
  }

  public JobStatus status(String id) throws Exception {
    return twice(service -> service.status(id));
  }

  public Map<String, JobStatus> arrayStatus(List<String> ids) throws Exception {
    return twice(service -> service.arrayStatus(ids));
  }

  public String getFile(String spId, File workingDirectory, String file) throws Exception {
    return twice(service -> service.getFile(spId, workingDirectory, file));
  }

  public RemoteInputStream getFileStream(String spId, File workingDirectory, String file) throws Exception {
    return twice(service -> service.getFileStream(spId, workingDirectory, file));
  }

  public void cancel(String id) throws Exception {
    try {
      once(service -> {
        service.cancel(id);
        return null;
      });
    } catch (RemoteException failed) {
      // As the pipeline's: its caller believes that the job is cancelled.
    }
  }

  private interface Call<T> {
    T of(JobControl service) throws Exception;
  }

  private <T> T twice(Call<T> call) throws Exception {
    try {
      return once(call);
    } catch (RemoteException first) {
      try {
        return once(call);
      } catch (RemoteException second) {
        throw new JobControlException("Remote Exception performing operation", second.getCause());
      }
    }
  }

  private <T> T once(Call<T> call) throws Exception {
    try {
      if (service == null) service = (JobControl) LocateRegistry.getRegistry(host, port).lookup(name);
      return call.of(service);
    } catch (NotBoundException unknown) {
      throw new JobControlException("Server not running while", unknown);
    } catch (RemoteException failed) {
      service = null;
      throw failed;
    }
  }
}
