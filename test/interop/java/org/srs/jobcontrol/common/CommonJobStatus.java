package org.srs.jobcontrol.common;

import java.io.Serializable;
import java.util.Date;
import org.srs.jobcontrol.JobStatus;

/** A status as it is sent; fields and version are those of the pipeline. */
public class CommonJobStatus implements JobStatus, Serializable {
  private static final long serialVersionUID = 6311542340392104385L;

  public int cpuUsed;
  public int memoryUsed;
  public int swapUsed;
  public String comment;
  public Date ended;
  public String host;
  public String id;
  public String queue;
  public Date started;
  public Status status;
  public Date submitted;
  public String user;
}
