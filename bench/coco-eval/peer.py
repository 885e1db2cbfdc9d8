"""Evaluates a file of COCO results as pycocotools' own example does. Prints one JSON line."""
import contextlib
import io
import json
import resource
import sys

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(sys.argv[1])
    run = COCOeval(truth, truth.loadRes(sys.argv[2]), "bbox")
    run.evaluate()
    run.accumulate()
    run.summarize()
usage = resource.getrusage(resource.RUSAGE_SELF)
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps({"coco": list(run.stats), "peakKilobytes": usage.ru_maxrss, "cpuSeconds": cpu}))
