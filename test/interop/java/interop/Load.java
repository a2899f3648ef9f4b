package interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import org.srs.jobcontrol.Job;

/**
 * Measures a job control service. Takes a line "CALL THREADS CALLS" and answers by JSON: {"seconds", "p50", "p99"} of
 * so many calls by so many threads, each with a client of its own; latencies in milliseconds.
 */
public class Load {
  private static String[] address;
  private static final AtomicInteger lastInstance = new AtomicInteger();
  private static final List<String> ids = Collections.synchronizedList(new ArrayList<>());
  private static final int IN_ARRAY = 100;

  /** Arguments: the registry's host and port, the service's name, and a folder for working directories. */
  public static void main(String[] args) throws Exception {
    address = args;
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split("\t");
      System.out.println(Json.of(measure(words[0], Integer.parseInt(words[1]), Integer.parseInt(words[2]))));
    }
  }

  private static Map<String, Object> measure(String call, int threads, int calls) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CyclicBarrier begin = new CyclicBarrier(threads + 1);
    AtomicInteger left = new AtomicInteger(calls);
    List<Future<List<Long>>> each = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      each.add(pool.submit(() -> {
        JobControlClient client = new JobControlClient(address[0], Integer.parseInt(address[1]), address[2]);
        List<Long> took = new ArrayList<>();
        begin.await();
        while (left.getAndDecrement() > 0) {
          long begun = System.nanoTime();
          make(client, call);
          took.add(System.nanoTime() - begun);
        }
        return took;
      }));
    }
    begin.await();
    long begun = System.nanoTime();
    List<Long> all = new ArrayList<>();
    for (Future<List<Long>> one : each) all.addAll(one.get());
    double seconds = (System.nanoTime() - begun) / 1e9;
    pool.shutdown();
    Collections.sort(all);
    return Map.of("seconds", seconds, "p50", milliseconds(all, 0.5), "p99", milliseconds(all, 0.99));
  }

  private static double milliseconds(List<Long> sorted, double share) {
    return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size()))) / 1e6;
  }

  private static void make(JobControlClient client, String call) throws Exception {
    switch (call) {
      case "submit":
        ids.add(client.submit(job(lastInstance.incrementAndGet())));
        break;
      case "status":
        client.status(ids.get(ThreadLocalRandom.current().nextInt(ids.size())));
        break;
      case "arrayStatus":
        int from = ThreadLocalRandom.current().nextInt(Math.max(1, ids.size() - IN_ARRAY));
        client.arrayStatus(new ArrayList<>(ids.subList(from, Math.min(ids.size(), from + IN_ARRAY))));
        break;
      default:
        throw new IllegalArgumentException(call);
    }
  }

  /** A job as the pipeline makes them. */
  private static Job job(int instance) {
    Job job = new Job();
    job.command = "bash pipeline_wrapper";
    job.name = "phosim_" + instance;
    job.currentDirectory = address[3] + "/" + instance;
    job.logFile = "logFile.txt";
    job.maxCPU = 3600;
    job.maxMemory = 2_000_000;
    job.env.put("PIPELINE_TASK", "phosim");
    job.env.put("PIPELINE_STREAM", String.valueOf(instance));
    job.env.put("PIPELINE_PROCESSINSTANCE", String.valueOf(instance));
    for (int index = 0; index < 10; index++) job.env.put("VARIABLE_" + index, "/a/value/of/some/length/" + index);
    job.files.put("pipeline_wrapper", "echo something that is done in the job\n".repeat(50));
    return job;
  }
}
