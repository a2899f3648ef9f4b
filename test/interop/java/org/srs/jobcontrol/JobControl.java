package org.srs.jobcontrol;

import com.healthmarketscience.rmiio.RemoteInputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** The interface by which the pipeline calls: names, parameters and exceptions are fixed by it. */
public interface JobControl extends Remote {
  String submit(Job job) throws RemoteException, JobSubmissionException, JobControlException;

  JobStatus status(String id) throws RemoteException, NoSuchJobException, JobControlException;

  Map<String, JobStatus> arrayStatus(List<String> ids) throws RemoteException, JobControlException;

  void cancel(String id) throws RemoteException, NoSuchJobException, JobControlException;

  String getFile(String spId, File workingDirectory, String name)
      throws RemoteException, FileNotFoundException, TimeoutException, JobControlException;

  RemoteInputStream getFileStream(String spId, File workingDirectory, String name)
      throws RemoteException, IOException, JobControlException;
}
