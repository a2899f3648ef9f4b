package interop;

import com.healthmarketscience.rmiio.RemoteInputStreamClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.security.MessageDigest;
import java.util.*;
import java.util.concurrent.*;
import org.srs.jobcontrol.Job;
import org.srs.jobcontrol.JobControl;
import org.srs.jobcontrol.JobStatus;
import org.srs.jobcontrol.common.CommonJobStatus;

/**
 * Calls a job control service as the pipeline does. Takes a command a line, its words divided by tabs, and answers each by
 * a line: "ok", what came, or "thrown" and the classes and messages of an exception and its causes, divided by tabs.
 */
public class Caller {
  private static Registry registry;
  private static JobControl service;

  public static void main(String[] args) throws Exception {
    registry = LocateRegistry.getRegistry("127.0.0.1", Integer.parseInt(args[0]));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    java.io.PrintStream out = new java.io.PrintStream(System.out, true, "UTF-8");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      try {
        out.println("ok\t" + run(line.split("\t")));
      } catch (Throwable thrown) {
        out.println("thrown" + chain(thrown));
      }
    }
  }

  private static String chain(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    for (Throwable one = thrown; one != null; one = one.getCause()) {
      text.append('\t').append(one.getClass().getName()).append('\t');
      text.append(String.valueOf(one.getMessage()).split("\n")[0]);
    }
    return text.toString();
  }

  private static String run(String[] words) throws Exception {
    switch (words[0]) {
      case "list":
        return String.join(",", new TreeSet<>(Arrays.asList(registry.list())));
      case "lookup":
        service = (JobControl) registry.lookup(words[1]);
        return service.getClass().getInterfaces()[0].getName();
      case "lookup-other":
        return registry.lookup(words[1]).getClass().getSimpleName().substring(0, 1);
      case "rebind":
        registry.rebind(words[1], service);
        return "";
      case "unbind":
        registry.unbind(words[1]);
        return "";
      case "submit":
        return service.submit(job(words[1]));
      case "status":
        return show(service.status(words[1]));
      case "arrayStatus":
        return arrayStatus(list(words[1], words[2].split(",")));
      case "cancel":
        service.cancel(words[1]);
        return "";
      case "getFile":
        return service.getFile(words[1], new File(words[2]), words[3]).replace('\n', '|');
      case "getFileStream":
        return read(words);
      case "parallel":
        return parallel(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
      case "forget":
        return forget();
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  /** A job with maps of the kind that is named. */
  private static Job job(String kind) {
    Job job = new Job();
    job.command = "bash pipeline_wrapper";
    job.name = "é€😀\u0000";
    job.maxCPU = 3600;
    job.priority = Job.Priority.HIGH;
    Map<String, String> env = new LinkedHashMap<>();
    env.put("PIPELINE_TASK", "DESC-phosim");
    env.put("PIPELINE_STREAM", "7");
    switch (kind) {
      case "HashMap": job.env = new HashMap<>(env); break;
      case "LinkedHashMap": job.env = env; break;
      case "TreeMap": job.env = new TreeMap<>(env); break;
      case "TreeMapReverse": job.env = new TreeMap<>(Collections.reverseOrder()); job.env.putAll(env); break;
      case "Hashtable": job.env = new Hashtable<>(env); break;
      case "ConcurrentHashMap": job.env = new ConcurrentHashMap<>(env); break;
      case "unmodifiable": job.env = Collections.unmodifiableMap(env); break;
      case "synchronized": job.env = Collections.synchronizedMap(env); break;
      case "singleton": job.env = Collections.singletonMap("PIPELINE_STREAM", "7"); break;
      case "empty": job.env = Collections.emptyMap(); break;
      case "Map.of": job.env = Map.copyOf(env); break;
      case "null": job.env = null; job.files = null; job.priority = null; break;
      case "wrapped": job.env = Collections.unmodifiableMap(Collections.synchronizedMap(env)); break;
      case "large":
        job.env = env;
        job.files.put("large", "é".repeat(1_000_000));
        for (int i = 0; i < 1000; i++) job.files.put("file " + i, "content " + i);
        break;
      case "stranger":
        job.env = new HashMap<>(env) { };
        break;
      case "no-command": job.command = null; break;
      default: throw new IllegalArgumentException(kind);
    }
    return job;
  }

  private static List<String> list(String kind, String[] ids) {
    List<String> plain = Arrays.asList(ids);
    switch (kind) {
      case "asList": return plain;
      case "ArrayList": return new ArrayList<>(plain);
      case "LinkedList": return new LinkedList<>(plain);
      case "Vector": return new Vector<>(plain);
      case "List.of": return List.of(ids);
      case "unmodifiable": return Collections.unmodifiableList(plain);
      case "synchronized": return Collections.synchronizedList(new ArrayList<>(plain));
      case "singleton": return Collections.singletonList(ids[0]);
      case "empty": return Collections.emptyList();
      default: throw new IllegalArgumentException(kind);
    }
  }

  private static String arrayStatus(List<String> ids) throws Exception {
    List<String> shown = new ArrayList<>();
    for (Map.Entry<String, JobStatus> entry : service.arrayStatus(ids).entrySet()) {
      shown.add(entry.getKey() + "=" + (entry.getValue() == null ? "null" : show(entry.getValue())));
    }
    return String.join(" ", shown);
  }

  private static String show(JobStatus status) {
    if (status == null) return "null";
    CommonJobStatus s = (CommonJobStatus) status;
    return String.join(",", s.id, String.valueOf(s.status), String.valueOf(s.cpuUsed), String.valueOf(s.memoryUsed), s.host, s.queue,
        s.user, s.comment, time(s.submitted), time(s.started), time(s.ended));
  }

  private static String time(Date date) {
    return date == null ? "null" : String.valueOf(date.getTime());
  }

  /** Reads a stream by the pipeline's own library, to its end or only its first bytes. */
  private static String read(String[] words) throws Exception {
    MessageDigest sum = MessageDigest.getInstance("SHA-256");
    long length = 0;
    try (InputStream in = RemoteInputStreamClient.wrap(service.getFileStream(words[1], new File(words[2]), words[3]))) {
      byte[] buffer = new byte[10_000];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sum.update(buffer, 0, n);
        length += n;
        if (words.length > 4) break;
      }
    }
    return length + "," + String.format("%064x", new java.math.BigInteger(1, sum.digest()));
  }

  /** So many callers at a time, each with a reference of its own, and so many calls of each; how many went well. */
  private static String parallel(String name, int callers, int calls) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    CountDownLatch begin = new CountDownLatch(1);
    List<Future<Integer>> results = new ArrayList<>();
    for (int caller = 0; caller < callers; caller++) {
      int number = caller;
      results.add(threads.submit(() -> {
        begin.await();
        JobControl own = (JobControl) registry.lookup(name);
        int good = 0;
        for (int call = 0; call < calls; call++) {
          String id = number + "-" + call;
          if (own.arrayStatus(List.of(id)).containsKey(id) && own.submit(job("HashMap")) != null) good++;
        }
        return good;
      }));
    }
    begin.countDown();
    int good = 0;
    for (Future<Integer> result : results) good += result.get();
    threads.shutdown();
    return String.valueOf(good);
  }

  /** Lets go of the service, so that its lease is given up. */
  private static String forget() {
    service = null;
    System.gc();
    return "";
  }
}
