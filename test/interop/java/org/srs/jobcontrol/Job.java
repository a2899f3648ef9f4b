package org.srs.jobcontrol;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/** A job as it is sent; fields and version are those of the pipeline. */
public class Job implements Serializable {
  private static final long serialVersionUID = -362830341176400263L;

  public enum Priority { LOWEST, LOW, NORMAL, HIGH, HIGHEST }

  public int maxCPU;
  public int maxMemory;
  public String archiveOldWorkingDir;
  public String command;
  public String currentDirectory;
  public Map<String, String> env = new HashMap<>();
  public String extraOptions;
  public Map<String, String> files = new HashMap<>();
  public String logFile;
  public String name;
  public Priority priority = Priority.NORMAL;
}
