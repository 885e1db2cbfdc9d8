"""Times what torchvision's detection reference does to a picture before the model: PIL, its `ssd` or `ssdlite` augmentation, DataLoader.
Reads a job from standard input, prints one JSON line."""
import json
import multiprocessing
import os
import resource
import sys
import time

import torch
from PIL import Image
from torchvision import tv_tensors
from torchvision.transforms import v2

job = json.load(sys.stdin)
torch.set_num_threads(1)
crop_and_flip = [v2.RandomIoUCrop(), v2.RandomHorizontalFlip(p=0.5)]
ssd = [v2.RandomPhotometricDistort(), v2.RandomZoomOut(fill=[123, 117, 104]), *crop_and_flip]
ending = [v2.PILToTensor(), v2.ToDtype(torch.float, scale=True), v2.SanitizeBoundingBoxes()]
transform = v2.Compose([*(ssd if job["augmentation"] == "ssd" else crop_and_flip), *ending])


class Photographs(torch.utils.data.Dataset):
    def __len__(self):
        return len(job["pictures"])

    def __getitem__(self, index):
        picture = job["pictures"][index]
        image = Image.open(picture["file"]).convert("RGB")
        boxes = torch.tensor(picture["boxes"]).reshape(-1, 4)
        size = (picture["height"], picture["width"])
        target = {
            "boxes": tv_tensors.BoundingBoxes(boxes, format="XYXY", canvas_size=size),
            "labels": torch.tensor(picture["labels"]),
        }
        return transform(image, target)


def cpu_seconds():
    """Of this process and its workers, which are alive."""
    total = time.process_time()
    for worker in multiprocessing.active_children():
        with open(f"/proc/{worker.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def peak_bytes():
    total = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for worker in multiprocessing.active_children():
        with open(f"/proc/{worker.pid}/status") as file:
            total += next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
    return total


loader = torch.utils.data.DataLoader(
    Photographs(),
    batch_size=job["batch"],
    shuffle=True,
    num_workers=job["workers"],
    persistent_workers=job["workers"] > 0,
    collate_fn=lambda batch: tuple(zip(*batch)),
)
for _ in loader:
    pass
start, before = time.perf_counter(), cpu_seconds()
for _ in range(job["epochs"]):
    for _ in loader:
        pass
print(json.dumps({"seconds": time.perf_counter() - start, "cpuSeconds": cpu_seconds() - before, "peakBytes": peak_bytes()}))
