package org.srs.jobcontrol;

public class NoSuchJobException extends Exception {
  private static final long serialVersionUID = -5626726286043883234L;

  public NoSuchJobException(String message) {
    super(message);
  }

  public NoSuchJobException(String message, Throwable cause) {
    super(message, cause);
  }
}
