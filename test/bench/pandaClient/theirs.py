"""Calls of panda-client: `TRANSFORMATION USER`, then `submit COUNT FILE`, `describe FILE` or `kill FILE`, once; or nothing, to
take such lines from stdin until it ends. FILE holds PandaIDs. Prints a line of JSON a call."""
import json
import resource
import sys
import time
import uuid

from pandaclient import Client
from pandaclient.FileSpec import FileSpec
from pandaclient.JobSpec import JobSpec


def specs(transformation, user, count):
    submission = uuid.uuid4().hex[:10]
    for number in range(1, count + 1):
        job = JobSpec()
        job.jobDefinitionID = 1
        job.jobName = f"nothing.{submission}.{number}"
        job.transformation = transformation
        job.destinationDBlock = f"panda.lsst.user.{submission}"
        job.destinationSE = "local"
        job.prodSourceLabel = "user"
        job.processingType = "script"
        job.computingSite = "SANDBOX"
        job.VO = "lsst"
        job.prodUserName = user
        job.coreCount = 1
        job.minRamCount = 100
        job.maxDiskCount = 100
        job.jobParameters = "--memory 100 --walltime 600 --"
        log = FileSpec()
        log.lfn = f"{job.jobName}.log.tgz"
        log.type = "log"
        log.dataset = log.destinationDBlock = job.destinationDBlock
        log.destinationSE = "local"
        job.addFile(log)
        yield job


def ids_in(file):
    with open(file) as stream:
        return json.load(stream)


def perform(transformation, user, action, *words):
    if action == "submit":
        jobs = list(specs(transformation, user, int(words[0])))
        (status, taken), cost = timed(lambda: Client.submitJobs(jobs))
        assert status == 0 and len(taken) == len(jobs), (status, taken)
        with open(words[1], "w") as stream:
            json.dump([int(one[0]) for one in taken], stream)
    elif action == "describe":
        ids = ids_in(words[0])
        (status, jobs), cost = timed(lambda: Client.getFullJobStatus(ids))
        assert status == 0 and len(jobs) == len(ids) and None not in jobs, status
    elif action == "kill":
        ids = ids_in(words[0])
        (status, done), cost = timed(lambda: Client.killJobs(ids))
        assert status == 0 and all(done), status
    return cost


def timed(call):
    begun, cpu = time.perf_counter(), used()
    result = call()
    return result, {"wallMs": (time.perf_counter() - begun) * 1000, "cpuMs": used() - cpu}


def used():
    """Milliseconds, with the programs that it runs."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    return cpu * 1000


def peak():
    """MB. Linux counts in ru_maxrss what the parent had."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def tell(cost):
    print(json.dumps({**cost, "processCpuMs": used(), "rssMB": peak()}), flush=True)


transformation, user, *once = sys.argv[1:]
if once:
    tell(perform(transformation, user, *once))
else:
    for line in sys.stdin:
        tell(perform(transformation, user, *line.split()))
