package org.srs.jobcontrol;

public class JobControlException extends Exception {
  private static final long serialVersionUID = 107408095370490769L;

  public JobControlException(String message) {
    super(message);
  }

  public JobControlException(String message, Throwable cause) {
    super(message, cause);
  }
}
