package org.srs.jobcontrol;

public class JobSubmissionException extends Exception {
  private static final long serialVersionUID = 2513799726921298515L;

  public JobSubmissionException(String message) {
    super(message);
  }

  public JobSubmissionException(String message, Throwable cause) {
    super(message, cause);
  }
}
