package interop;

import com.healthmarketscience.rmiio.RemoteInputStreamClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.*;
import java.util.concurrent.*;
import org.srs.jobcontrol.Job;
import org.srs.jobcontrol.JobStatus;
import org.srs.jobcontrol.common.CommonJobStatus;

/**
 * A pipeline's server, as far as it calls a job control service. Takes a call a line, its words URL-encoded and divided by
 * tabs, and answers each by a line of JSON: {"ok": result} or {"thrown": [{"class", "message"}, …]}, the causes after it.
 */
public class Pipeline {
  private static String[] address;
  private static JobControlClient client;

  /** Arguments: the registry's host and port, and the service's name. */
  public static void main(String[] args) throws Exception {
    address = args;
    client = newClient();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> words = new ArrayList<>();
      for (String word : line.split("\t", -1)) words.add(URLDecoder.decode(word, StandardCharsets.UTF_8));
      out.println(Json.of(outcome(client, words)));
    }
  }

  private static JobControlClient newClient() {
    return new JobControlClient(address[0], Integer.parseInt(address[1]), address[2]);
  }

  private static Map<String, Object> outcome(JobControlClient client, List<String> words) {
    try {
      return Collections.singletonMap("ok", call(client, words));
    } catch (Throwable thrown) {
      List<Object> chain = new ArrayList<>();
      for (Throwable one = thrown; one != null; one = one.getCause()) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("class", one.getClass().getName());
        told.put("message", one.getMessage());
        chain.add(told);
      }
      return Map.of("thrown", chain);
    }
  }

  private static Object call(JobControlClient client, List<String> words) throws Exception {
    List<String> rest = words.subList(1, words.size());
    switch (words.get(0)) {
      case "submit": return client.submit(job(rest));
      case "status": return shown(client.status(rest.get(0)));
      case "arrayStatus": return arrayStatus(client, rest);
      case "cancel":
        client.cancel(rest.get(0));
        return null;
      case "getFile": return client.getFile(rest.get(0), new File(rest.get(1)), rest.get(2));
      case "getFileStream": return read(client, rest);
      case "parallel": return parallel(Integer.parseInt(rest.get(0)), rest.subList(1, rest.size()));
      default: throw new IllegalArgumentException(words.get(0));
    }
  }

  /** A job of words as command=…, env.NAME=… and file.NAME=…. */
  private static Job job(List<String> words) {
    Job job = new Job();
    for (String word : words) {
      String key = word.substring(0, word.indexOf('='));
      String value = word.substring(key.length() + 1);
      if (key.startsWith("env.")) job.env.put(key.substring(4), value);
      else if (key.startsWith("file.")) job.files.put(key.substring(5), value);
      else set(job, key, value);
    }
    return job;
  }

  private static void set(Job job, String key, String value) {
    switch (key) {
      case "command": job.command = value; break;
      case "name": job.name = value; break;
      case "currentDirectory": job.currentDirectory = value; break;
      case "archiveOldWorkingDir": job.archiveOldWorkingDir = value; break;
      case "logFile": job.logFile = value; break;
      case "extraOptions": job.extraOptions = value; break;
      case "maxCPU": job.maxCPU = Integer.parseInt(value); break;
      case "maxMemory": job.maxMemory = Integer.parseInt(value); break;
      case "priority": job.priority = Job.Priority.valueOf(value); break;
      default: throw new IllegalArgumentException(key);
    }
  }

  /** Ids and statuses, in the order that they came in. */
  private static List<Object> arrayStatus(JobControlClient client, List<String> ids) throws Exception {
    List<Object> all = new ArrayList<>();
    for (Map.Entry<String, JobStatus> entry : client.arrayStatus(new ArrayList<>(ids)).entrySet()) {
      all.add(Arrays.asList(entry.getKey(), shown(entry.getValue())));
    }
    return all;
  }

  private static Map<String, Object> shown(JobStatus status) {
    if (status == null) return null;
    CommonJobStatus known = (CommonJobStatus) status;
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("id", known.id);
    all.put("status", known.status);
    all.put("cpuUsed", known.cpuUsed);
    all.put("memoryUsed", known.memoryUsed);
    all.put("swapUsed", known.swapUsed);
    all.put("host", known.host);
    all.put("queue", known.queue);
    all.put("user", known.user);
    all.put("comment", known.comment);
    all.put("submitted", time(known.submitted));
    all.put("started", time(known.started));
    all.put("ended", time(known.ended));
    return all;
  }

  private static Long time(Date date) {
    return date == null ? null : date.getTime();
  }

  /** Reads a stream by the pipeline's own library; its length and SHA-256. */
  private static Map<String, Object> read(JobControlClient client, List<String> words) throws Exception {
    MessageDigest sum = MessageDigest.getInstance("SHA-256");
    long length = 0;
    File folder = new File(words.get(1));
    try (InputStream in = RemoteInputStreamClient.wrap(client.getFileStream(words.get(0), folder, words.get(2)))) {
      byte[] buffer = new byte[10_000];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        sum.update(buffer, 0, count);
        length += count;
      }
    }
    return Map.of("length", length, "sha256", String.format("%064x", new BigInteger(1, sum.digest())));
  }

  /** The same call by so many clients at once, each with its number in place of %n; what came of each. */
  private static List<Object> parallel(int clients, List<String> words) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    CountDownLatch begin = new CountDownLatch(1);
    List<Future<Object>> outcomes = new ArrayList<>();
    for (int number = 0; number < clients; number++) {
      List<String> own = new ArrayList<>();
      for (String word : words) own.add(word.replace("%n", String.valueOf(number)));
      outcomes.add(threads.submit(() -> {
        begin.await();
        return outcome(newClient(), own);
      }));
    }
    begin.countDown();
    List<Object> all = new ArrayList<>();
    for (Future<Object> outcome : outcomes) all.add(outcome.get());
    threads.shutdown();
    return all;
  }
}
