package org.srs.jobcontrol;

/** What is known of a job; only CommonJobStatus is ever sent. */
public interface JobStatus {
  enum Status { DONE, PENDING, RUNNING, WAITING, SUSPENDED, FAILED, UNKNOWN }
}
