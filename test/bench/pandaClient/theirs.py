"""One call of panda-client in a process of its own: `submit COUNT FILE`, `describe FILE`, `kill FILE`. FILE holds PandaIDs."""
import json
import resource
import sys
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


def main(transformation, user, action, *words):
    if action == "submit":
        status, taken = Client.submitJobs(list(specs(transformation, user, int(words[0]))))
        assert status == 0 and len(taken) == int(words[0]), (status, taken)
        with open(words[1], "w") as stream:
            json.dump([int(one[0]) for one in taken], stream)
    elif action == "describe":
        ids = ids_in(words[0])
        status, jobs = Client.getFullJobStatus(ids)
        assert status == 0 and len(jobs) == len(ids) and None not in jobs, status
    elif action == "kill":
        status, done = Client.killJobs(ids_in(words[0]))
        assert status == 0 and all(done), status


main(*sys.argv[1:])
own = resource.getrusage(resource.RUSAGE_SELF)
curl = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = own.ru_utime + own.ru_stime + curl.ru_utime + curl.ru_stime
# Its curl runs beside it.
print(json.dumps({"cpuMs": cpu * 1000, "rssMB": (own.ru_maxrss + curl.ru_maxrss) / 1024}))
